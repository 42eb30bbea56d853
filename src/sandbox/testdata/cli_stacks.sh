# `aws cloudformation deploy` on the emulated cloud. Argument: the endpoint's URL.
set -eu
url=$1
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME=$home AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 AWS_PAGER= \
       AWS_EC2_METADATA_DISABLED=true AWS_MAX_ATTEMPTS=1
# The client names a change set by the second, and a name is taken once: each deployment has a second of its own.
deploy() {
  second=$(date +%s)
  while [ "$(date +%s)" = "$second" ]; do sleep 0.1; done
  aws cloudformation deploy --stack-name cli --template-file "$home/stack.yaml" "$@" >/dev/null
}
aws() { /usr/bin/aws --endpoint-url "$url" --output text "$@"; }
cat > "$home/stack.yaml" <<'TEMPLATE'
Parameters: {Name: {Type: String}}
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub "${Name}-topic"}}
Outputs:
  Topic: {Value: !Ref Topic}
TEMPLATE
deploy --parameter-overrides Name=one
[ "$(aws cloudformation describe-stacks --stack-name cli --query 'Stacks[0].Outputs[0].OutputValue')" = \
  arn:aws:sns:us-east-1:111122223333:one-topic ]
deploy --parameter-overrides Name=one --no-fail-on-empty-changeset
deploy --parameter-overrides Name=two
[ "$(aws sns list-topics --query 'Topics[].TopicArn')" = arn:aws:sns:us-east-1:111122223333:two-topic ]
aws cloudformation delete-stack --stack-name cli
aws cloudformation wait stack-delete-complete --stack-name cli
