"""Sets right what people send from Security Hub: for each finding, the remediation of the Config rule that judges its control."""
import boto3


def keys_of(config, finding):
    """The resources of a finding as Config knows them: by their ARNs."""
    keys = []
    for resource in finding["Resources"]:
        arn = resource["Id"]
        if not arn.startswith("arn:") or "'" in arn:
            continue
        query = f"SELECT resourceType, resourceId WHERE arn = '{arn}'"
        for found in config.select_resource_config(Expression=query)["Results"]:
            known = json.loads(found)
            keys.append({"resourceType": known["resourceType"], "resourceId": known["resourceId"]})
    return keys


def handler(event, context):
    config = boto3.client("config")
    started = []
    for finding in event["detail"]["findings"]:
        control = finding.get("Compliance", {}).get("SecurityControlId", "")
        keys = keys_of(config, finding)
        if control not in RULES or not keys:
            print(f"{control}: no rule of the template judges it, or Config does not know its resource")
            continue
        config.start_remediation_execution(ConfigRuleName=RULES[control], ResourceKeys=keys)
        started.extend(key["resourceId"] for key in keys)
    return {"started": started}
