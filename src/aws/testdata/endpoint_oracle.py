"""Prints where botocore would send each service's calls in each region, one JSON object a line: the
oracle of endpoint_test.cc."""
import json

import botocore.session
from botocore.endpoint_provider import EndpointProvider

LOADER = botocore.session.get_session().get_component("data_loader")
PARTITIONS = LOADER.load_data("partitions")
REGIONS = [region for partition in LOADER.load_data("endpoints")["partitions"]
           for region in partition["regions"]]

for service in LOADER.list_available_services("endpoint-rule-set-1"):
    provider = EndpointProvider(LOADER.load_service_model(service, "endpoint-rule-set-1"), PARTITIONS)
    for region in REGIONS:
        given = {"Region": region, "UseFIPS": False, "UseDualStack": False}
        try:
            found = provider.resolve_endpoint(
                **{name: value for name, value in given.items() if name in provider.ruleset.parameters})
        except Exception:  # no endpoint without more than a region
            continue
        schemes = found.properties.get("authSchemes", [{}])
        print(json.dumps({"service": service, "region": region, "url": found.url,
                          "signing_region": schemes[0].get("signingRegion", region)}))
