# What the AWS CLI sees of the services of the emulated cloud. Argument: the endpoint's URL.
set -eu
url=$1
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME=$home AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 AWS_PAGER= \
       AWS_EC2_METADATA_DISABLED=true AWS_MAX_ATTEMPTS=1
aws() { /usr/bin/aws --endpoint-url "$url" --output text "$@"; }

vpc=$(aws ec2 create-default-vpc --query Vpc.VpcId)
instance=$(aws ec2 run-instances --image-id ami-1 --count 1 --query 'Instances[0].InstanceId')
group=$(aws ec2 create-security-group --group-name cli --description cli --query GroupId)
aws ec2 authorize-security-group-ingress --group-id "$group" --protocol tcp --port 22 --cidr 0.0.0.0/0 >/dev/null
[ "$(aws ec2 describe-security-groups --group-ids "$group" --query 'SecurityGroups[0].IpPermissions[0].FromPort')" = 22 ]
aws ec2 revoke-security-group-ingress --group-id "$group" --protocol tcp --port 22 --cidr 0.0.0.0/0 >/dev/null
aws ec2 modify-instance-attribute --instance-id "$instance" --disable-api-termination
if aws ec2 terminate-instances --instance-ids "$instance" 2>"$home/error"; then exit 1; fi
grep -q OperationNotPermitted "$home/error"
aws ec2 modify-instance-attribute --instance-id "$instance" --groups "$group"
[ "$(aws ec2 describe-instances --query 'Reservations[].Instances[].SecurityGroups[].GroupName')" = cli ]
[ "$(aws ec2 describe-vpcs --filters Name=isDefault,Values=true --query 'Vpcs[].VpcId')" = "$vpc" ]
aws iam create-user --user-name ana >/dev/null
aws iam attach-user-policy --user-name ana --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
[ "$(aws iam list-attached-user-policies --user-name ana --query 'AttachedPolicies[].PolicyName')" = AdministratorAccess ]
queue=$(aws sqs create-queue --queue-name inbox --query QueueUrl)
aws sqs send-message --queue-url "$queue" --message-body hello >/dev/null
[ "$(aws sqs receive-message --queue-url "$queue" --query 'Messages[0].Body')" = hello ]
aws ssm put-parameter --name /app/level --type String --value info >/dev/null
[ "$(aws ssm get-parameter --name /app/level --query Parameter.Value)" = info ]
key=$(aws kms create-key --query KeyMetadata.KeyId)
[ "$(aws kms describe-key --key-id "$key" --query KeyMetadata.KeyState)" = Enabled ]
aws logs create-log-group --log-group-name /cli
[ "$(aws logs describe-log-groups --query 'logGroups[].logGroupName')" = /cli ]
