"""A night for the pages: every state, red scores, edits, hostile names."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from phoenix.drawing.report import ReportTitle, draw_report
from phoenix.formats.abfile import write_ab as write_ab_file
from phoenix.model.ab import AssociationBlock, Completeness
from phoenix.model.dates import CivilDate
from phoenix.model.frames import MasterCalibration, RawFrame, Role
from phoenix.model.grade import Graded, OBGrade
from phoenix.model.qc import Measurement, QCParameter
from phoenix.model.recipe import Parameter
from phoenix.model.report import JobState
from phoenix.model.score import ScoreBit, Verdict, VerdictKind, judge
from phoenix.model.threshold import ScoreRule
from phoenix.monitor import Declared
from phoenix.oca.explanation.explanation import CandidateReport, Explanation, Rejection, RuleReport
from phoenix.steps.quality.score import QCResult, write_qc
from phoenix.steps.shelf.jsonfile import write_json
from phoenix.steps.shelf.manifest import InputFile, Manifest, ProductFile, write_manifest
from phoenix.store import BlockRow, CommentRow, IDPRow, JobRow, RawCommentRow, Store

if TYPE_CHECKING:
    from phoenix.model.workspace import Workspace

DATE = "2008-03-01"
HOSTILE = "<script>alert('x')</script> & \"quoted\""
NOON = dt.datetime(2008, 3, 2, 12, tzinfo=dt.UTC)
RULES = (
    ScoreRule("NUM_SAT", high=1000, comment="more than 1000 raw pixels saturated"),
    ScoreRule("SNR", low=5, comment=HOSTILE),
    ScoreRule("DELTATEMP", -1.5, 1.5, comment="arc lamp at another temperature"),
)
DECLARED = Declared(
    parameters=(
        QCParameter("NUM_SAT", "pix", "saturated raw pixels"),
        QCParameter("SNR", "", f"signal-to-noise ratio {HOSTILE}", per_element=True),
    ),
    bits=(
        ScoreBit(0, "numsat", "NUM_SAT", None, 1000, "saturated raw pixels"),
        ScoreBit(1, "snr", "SNR", 5, None, "signal-to-noise ratio"),
    ),
)


def ab_of(number: int, recipe: str, **changes: object) -> AssociationBlock:
    stamp = f"GIRAF.2008-03-02T{number:02d}:00:00.000"
    fields: dict[str, object] = {
        "name": f"{stamp}_tpl.ab",
        "recipe": recipe,
        "raw_files": (RawFrame(f"${{DFO_RAW_DIR}}/{DATE}/{stamp}.fits", "SCIENCE"),),
        "date": CivilDate.parse(DATE),
        "raw_type": recipe.upper(),
        "dpr_catg": "SCIENCE" if recipe == "giscience" else "CALIB",
        "mjd_obs": 54527.0 + number / 24,
        "setup": (("INS.EXP.MODE", "H525.8B"), ("INS.SLIT.NAME", "Medusa1")),
    }
    return AssociationBlock(**fields | changes)


BIAS = ab_of(1, "masterbias").edited(why="renamed in giraf 1.0", recipe="gimasterbias")
FLAT = ab_of(
    2,
    "gimasterflat",
    calibrations=(MasterCalibration("${DFO_CAL_DIR}/gen/GI_GRAT.fits", "GRATING_DATA"),),
).edited(why=HOSTILE, parameters=(Parameter("psf-binsize", "<b>48</b>"),))
SCIENCE = ab_of(3, "giscience", waits_for=(str(FLAT.name),), obs_id=200164321)
GATED = ab_of(4, "giwavecalibration", waits_for=(str(FLAT.name),))
FAILED = ab_of(5, "gimasterdark", completeness=Completeness.INCOMPLETE)
BLOCKED = ab_of(6, "giscience", waits_for=(str(FAILED.name),))
WAITING = ab_of(7, "giscience", setup=(("INS.EXP.MODE", HOSTILE),))
NIGHT = (BIAS, FLAT, SCIENCE, GATED, FAILED, BLOCKED, WAITING)
STATES = {
    BIAS: JobState.SUCCESSFUL,
    FLAT: JobState.SUCCESSFUL,
    SCIENCE: JobState.SUCCESSFUL,
    GATED: JobState.GATED,
    FAILED: JobState.FAILED,
    BLOCKED: JobState.BLOCKED,
    WAITING: JobState.WAITING,
}
ENDED = {JobState.SUCCESSFUL: "", JobState.GATED: ".gated", JobState.FAILED: ".failed"}
LOG = (
    "12:00:01 [ INFO  ] giscience: [tid=000] reading\n"
    "12:00:01 [WARNING] giscience: [tid=000] fibre 1 <b>lost</b>\n"
    "12:00:02 [ ERROR ] giscience: <b>no</b>\n"
)


def job_of(number: int, ab: AssociationBlock, state: JobState) -> JobRow:
    ran = state in ENDED
    return JobRow(
        str(ab.name),
        "process",
        state,
        reason="" if state in {JobState.SUCCESSFUL, JobState.WAITING} else f"why {HOSTILE}",
        attempt=1,
        started=NOON + dt.timedelta(seconds=20 * number) if ran else None,
        ended=NOON + dt.timedelta(seconds=20 * number + 33.5) if ran else None,
        wall_s=33.5 if ran else 0.0,
        cpu_s=30.25 if ran else 0.0,
        peak_memory_mb=344.0 if ran else 0.0,
        products=2 if state is JobState.SUCCESSFUL else 0,
    )


def publish_products(workspace: Workspace, ab: AssociationBlock, state: JobState) -> None:
    if state not in ENDED:
        return
    folder = workspace.folder("products", ab.date) / f"{ab.root}{ENDED[state]}"
    folder.mkdir(parents=True)
    (folder / f"{ab.root}.log").write_text(LOG)
    (folder / f"r.{ab.root}_0000.fits").write_bytes(b"SIMPLE")
    inputs = tuple(
        InputFile(f"raw/{DATE}/{raw.name}", raw.tag, 4_900_000, 1, "ab" * 32, "")
        for raw in ab.raw_files
    )
    manifest = Manifest(
        ab_name=str(ab.name),
        job_key="k",
        ab_sha256="a",
        instrument="giraffe",
        process="GIRAFFE_MOS",
        recipe=ab.recipe,
        state=state,
        command=("esorex", f"--log-file={ab.root}.log", ab.recipe, "<sof>"),
        exit_code=0,
        host="muc08",
        versions=(("giraf", "2.16.10"),),
        inputs=inputs,
        products=(ProductFile(f"r.{ab.root}_0000.fits", "MASTER", Role.SCIENCE, 6, "cd" * 32),),
    )
    write_manifest(manifest, folder / "manifest.json")
    flags = ((0, "11"), *((fibre, "10") for fibre in range(1, 6)))
    write_qc(QCResult(str(ab.name), qcflags=flags), folder / "qc.json")


def fill(store: Store, workspace: Workspace) -> None:
    store.blocks.save(BlockRow.of(ab) for ab in NIGHT)
    store.jobs.prepare({(str(ab.name), "process"): "key" for ab in NIGHT})
    store.jobs.record(job_of(n, ab, STATES[ab]) for n, ab in enumerate(NIGHT))
    folder = workspace.folder("ab", DATE)
    folder.mkdir(parents=True)
    for ab in NIGHT:
        write_ab_file(ab, folder)
        publish_products(workspace, ab, STATES[ab])
    measure(store, workspace)


def measure(store: Store, workspace: Workspace) -> None:
    name = str(SCIENCE.name)
    fibres = tuple(Measurement("SNR", 10.0 + n, element=n) for n in range(1, 6))
    measurements = (Measurement("NUM_SAT", 23450), Measurement("SNR", 3.25), *fibres)
    store.qc1.replace(name, measurements)
    scores = judge(measurements, RULES, "")
    store.qc1.add_scores(name, scores, NOON)
    store.jobs.prepare({(name, step): "key" for step in ("qc", "report")})
    store.jobs.record(
        [
            JobRow(name, "qc", JobState.SUCCESSFUL, wall_s=0.5, started=NOON, ended=NOON),
            JobRow(
                name, "report", JobState.FAILED, f"no panel {HOSTILE}", started=NOON, ended=NOON
            ),
        ]
    )
    store.verdicts.give(name, Verdict(VerdictKind.REVIEW), NOON)
    store.verdicts.give(name, Verdict(VerdictKind.OK, f"looks fine {HOSTILE}", "bw"), NOON)
    store.verdicts.add_comment(CommentRow(name, f"see NGC 6752 {HOSTILE}", "rh", NOON))
    raw = SCIENCE.raw_files[0].name.removesuffix(".fits")
    store.verdicts.add_raw_comment(RawCommentRow(raw, DATE, f"clouds {HOSTILE}", "rh", NOON))
    grade = OBGrade(SCIENCE.obs_id, DATE, grade="C", comment=f"stopped {HOSTILE}", source=HOSTILE)
    store.grades.add([Graded(grade, NOON)])
    for number in range(3):
        idp = IDPRow(f"GI_{number}.fits", name, "x", 1, f"{number}", "SCIENCE.SPECTRUM", NOON)
        store.phase3.ingest(idp)
    folder = workspace.folder("products", DATE) / SCIENCE.root
    draw_report(ReportTitle(name, scores=scores), (), folder / f"{SCIENCE.root}.png")


def explain_as_created(workspace: Workspace, ab: AssociationBlock) -> None:
    """Write why an AB has its calibrations, as the creation of ABs does."""
    near = CandidateReport("near.fits", "certified", -0.25, rank=1, chosen=True)
    late = CandidateReport("late.fits", "certified", 9.5, Rejection("DET.READ.CLOCK == 1"))
    hostile = CandidateReport(
        f"{HOSTILE}.fits", "raw", 1.0, Rejection(f"FILTER == {HOSTILE}", ((HOSTILE, HOSTILE),))
    )
    told = Explanation(
        ab=str(ab.name),
        rules="giraf.oca",
        action="ACTION_SCIENCE",
        recipe=ab.recipe,
        files=tuple(raw.name for raw in ab.raw_files),
        classified=(),
        grouped="line 1",
        associations=(
            RuleReport(
                "MASTER_BIAS",
                "calibFiles",
                "",
                12,
                (1, 1),
                "the closest in time",
                (near, late),
            ),
            RuleReport(HOSTILE, "calibFiles", HOSTILE, 20, (1, 1), HOSTILE, (hostile,)),
        ),
    )
    write_json(workspace.folder("ab", ab.date) / f"{ab.root}.why.json", told.to_dict())
