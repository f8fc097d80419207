def repository(plan):
    return {}
