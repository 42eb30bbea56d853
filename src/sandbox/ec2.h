#pragma once
// The hooks of EC2, by what they are about. hook_ec2.cc puts them into the table.

#include <vector>

#include "sandbox/hook.h"

namespace aright::sandbox {

// Names of types, and what the parts ask of each other.
inline constexpr std::string_view instance_type = "AWS::EC2::Instance";
inline constexpr std::string_view group_type = "AWS::EC2::SecurityGroup";
inline constexpr std::string_view interface_type = "AWS::EC2::NetworkInterface";
inline constexpr std::string_view subnet_type = "AWS::EC2::Subnet";
inline constexpr std::string_view vpc_type = "AWS::EC2::VPC";
inline constexpr std::string_view volume_type = "AWS::EC2::Volume";
inline constexpr std::string_view snapshot_type = "AWS::EC2::Snapshot";
inline constexpr std::string_view profile_association_type = "AWS::EC2::IamInstanceProfileAssociation";

namespace ec2_instance_hooks { void add(Hooks& hooks); }
namespace ec2_group_hooks { void add(Hooks& hooks); }
namespace ec2_network_hooks { void add(Hooks& hooks); }
namespace ec2_storage_hooks { void add(Hooks& hooks); }
namespace ec2_route_hooks { void add(Hooks& hooks); }
namespace ec2_gateway_hooks { void add(Hooks& hooks); }
namespace ec2_launch_hooks { void add(Hooks& hooks); }
namespace ec2_offer_hooks {
void add(Hooks& hooks);
// Those of Amazon that a call of DescribeImages asks for.
json::Array amazon_images(const Scene& scene);
}  // namespace ec2_offer_hooks

// Tags that TagSpecifications give to one kind of resource ("instance"); null when none.
json::Value tags_for(const Scene& scene, std::string_view kind);
// Everything of one type that the caller owns here.
std::vector<const Resource*> own(const Scene& scene, std::string_view type);
// Makes it as the description says, but without what the call's input says of another resource.
Result<Resource*> create_plain(Scene& scene, std::string_view type, std::string_view id_prefix);

// The members of each item that EC2 answers as empty lists, rather than not at all, so that who reads them finds one.
void fill_lists(json::Value& items, const std::vector<std::string_view>& members);

// Of the default VPC: null when there is none.
const Resource* default_vpc(const Scene& scene);
const Resource* default_subnet(const Scene& scene, std::string_view zone);
const Resource* default_group(const Scene& scene, std::string_view vpc_id);
// The caller's security group of this name in the VPC: null when there is none.
const Resource* group_named(const Scene& scene, std::string_view vpc_id, std::string_view name);

// An interface in a subnet, with the next free address. `groups` are ids.
Result<Resource*> create_interface(Scene& scene, const Resource& subnet, json::Array groups);
// Every group exists, in this VPC.
Result<> check_groups(Scene& scene, const json::Value& group_ids, std::string_view vpc_id);
// Ids as {GroupId, GroupName}.
json::Array group_identifiers(const Scene& scene, const json::Value& group_ids);
// The instances and interfaces of a security group; empty: it is in no use.
std::vector<std::string> users_of_group(const Scene& scene, std::string_view group_id);
// A new group has the rule that lets everything out; its rules have ids.
void number_rules(Scene& scene, Resource& group);

// The subnet is the network ACL's from now on; gives the association's id.
std::string associate_acl(Scene& scene, Resource& acl, const std::string& subnet);

// {Arn} or {Name} of the call's IamInstanceProfile, as views show it: {Arn, Id}; null when it says nothing.
Result<json::Value> asked_profile(Scene& scene);
// The instance has the profile from now on.
Result<Resource*> associate_with_profile(Scene& scene, Resource& instance, json::Value profile);
void forget_profile(Scene& scene, const std::string& instance);
// What the version of a launch template that {LaunchTemplateId or LaunchTemplateName, Version} names says.
Result<json::Object> launch_template_data(Scene& scene, const json::Value& asked);

// A volume attached to an instance, as BlockDeviceMappings of the instance have it.
Result<json::Object> create_root_volume(Scene& scene, const Resource& instance,
                                        const json::Value& asked);
// What the account's defaults say of a new volume's encryption; `asked` is what the call said of
// it.
Result<> encrypt(Scene& scene, Resource& volume);

}  // namespace aright::sandbox
