"""What boto3 sees of networks, load balancers and containers in the emulated cloud. Argument: the endpoint's URL."""
from boto3_client import client, refused


ec2 = client("ec2")
vpc = ec2.create_default_vpc()["Vpc"]["VpcId"]
subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]]


def gateways():
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    address = ec2.allocate_address(Domain="vpc")
    nat = ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address["AllocationId"])["NatGateway"]
    assert nat["State"] == "pending" and nat["CreateTime"].year > 2000, nat
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat["NatGatewayId"])
    routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    assert [route["State"] for route in routes] == ["active", "active"], routes
    ec2.delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    refused("InvalidRoute.NotFound", ec2.delete_route, RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    entry = {"NetworkAclId": acl, "RuleNumber": 100, "Egress": False}
    ec2.create_network_acl_entry(**entry, Protocol="6", RuleAction="allow", CidrBlock="0.0.0.0/0",
                                 PortRange={"From": 22, "To": 22})
    shown = ec2.describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"][0]["Entries"][-1]
    assert shown["PortRange"] == {"From": 22, "To": 22} and shown["Egress"] is False, shown
    ec2.delete_network_acl_entry(**entry)
    endpoint = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", RouteTableIds=[table])
    assert endpoint["VpcEndpoint"]["RouteTableIds"] == [table], endpoint
    gateway = ec2.create_transit_gateway(Options={"AutoAcceptSharedAttachments": "enable"})["TransitGateway"]
    ec2.modify_transit_gateway(TransitGatewayId=gateway["TransitGatewayId"],
                               Options={"AutoAcceptSharedAttachments": "disable"})
    shown = ec2.describe_transit_gateways()["TransitGateways"][0]
    assert shown["Options"]["AutoAcceptSharedAttachments"] == "disable", shown


def templates_and_groups():
    scaling = client("autoscaling")
    template = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={
        "ImageId": "ami-1", "InstanceType": "t3.micro"})["LaunchTemplate"]
    assert template["DefaultVersionNumber"] == 1, template
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web", LaunchTemplate={"LaunchTemplateName": "web"}, MinSize=1, MaxSize=3,
        VPCZoneIdentifier=",".join(subnets[:2]), Tags=[{"Key": "team", "Value": "a", "PropagateAtLaunch": True}])
    scaling.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=2)
    group = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=["web"])["AutoScalingGroups"][0]
    assert len(group["Instances"]) == 2 and group["Tags"][0]["ResourceId"] == "web", group
    refused("ResourceInUse", scaling.delete_auto_scaling_group, AutoScalingGroupName="web")
    scaling.delete_auto_scaling_group(AutoScalingGroupName="web", ForceDelete=True)


def balancers():
    elb = client("elbv2")
    made = elb.create_load_balancer(Name="web", Subnets=subnets[:2])["LoadBalancers"][0]
    arn = made["LoadBalancerArn"]
    assert made["State"]["Code"] == "provisioning" and len(made["AvailabilityZones"]) == 2, made
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[
        {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"}])
    attributes = {one["Key"]: one["Value"] for one in
                  elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]}
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true", attributes
    redirect = [{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}]
    listener = elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=redirect)
    assert listener["Listeners"][0]["DefaultActions"][0]["Type"] == "redirect", listener
    elb.add_tags(ResourceArns=[arn], Tags=[{"Key": "team", "Value": "a"}])
    assert elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"] == [{"Key": "team", "Value": "a"}]
    elb.delete_load_balancer(LoadBalancerArn=arn)
    refused("LoadBalancerNotFound", elb.describe_load_balancers, Names=["web"])
    classic = client("elb")
    classic.create_load_balancer(LoadBalancerName="old", Subnets=subnets[:1], Listeners=[
        {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}])
    shown = classic.describe_load_balancers(LoadBalancerNames=["old"])["LoadBalancerDescriptions"][0]
    assert shown["ListenerDescriptions"][0]["Listener"]["LoadBalancerPort"] == 80, shown
    classic.delete_load_balancer(LoadBalancerName="old")


def containers():
    ecr, ecs, eks = client("ecr"), client("ecs"), client("eks")
    ecr.create_repository(repositoryName="web")
    ecr.put_image_tag_mutability(repositoryName="web", imageTagMutability="IMMUTABLE")
    repository = ecr.describe_repositories(repositoryNames=["web"])["repositories"][0]
    assert repository["imageTagMutability"] == "IMMUTABLE" and repository["createdAt"].year > 2000, repository
    refused("LifecyclePolicyNotFoundException", ecr.get_lifecycle_policy, repositoryName="web")
    ecs.create_cluster(clusterName="web")
    task = ecs.register_task_definition(family="web", containerDefinitions=[
        {"name": "app", "image": "nginx", "memory": 512, "privileged": True}])["taskDefinition"]
    service = ecs.create_service(cluster="web", serviceName="web", taskDefinition="web", desiredCount=1)["service"]
    assert service["taskDefinition"] == task["taskDefinitionArn"], service
    assert ecs.describe_services(cluster="web", services=["web"])["services"][0]["runningCount"] == 1
    assert ecs.describe_clusters(clusters=["none"])["failures"][0]["reason"] == "MISSING"
    made = eks.create_cluster(name="prod", roleArn="arn:aws:iam::111122223333:role/eks",
                              resourcesVpcConfig={"subnetIds": subnets[:2]})["cluster"]
    assert made["status"] == "CREATING" and made["resourcesVpcConfig"]["vpcId"] == vpc, made
    refused("ResourceInUseException", eks.update_cluster_config, name="prod",
            resourcesVpcConfig={"endpointPrivateAccess": True})
    refused("ResourceNotFoundException", eks.describe_cluster, name="none")


for story in (gateways, templates_and_groups, balancers, containers):
    story()
