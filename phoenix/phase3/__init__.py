"""ESO's Science Data Products Standard as tables, and the validator that reads them.

::

    validate          validate(path) -> Report, validate_many(paths) -> Batch
    report            Finding, Report, Batch
    standard          the keywords of every category: sdp_v8.csv and sdp_v6.csv, one row a keyword
    keywords          headers against those rows
    checks            further checks, a module for each thing they judge: each ends in a table
                      that names small pure functions
    collection        checks of many files together
    fitsfile, product what the checks look at
    describe          the rules in words
    specutils_loader  for specutils, to read the spectra
"""
