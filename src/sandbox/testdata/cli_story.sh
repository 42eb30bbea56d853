# What the AWS CLI sees of the emulated cloud. Argument: the endpoint's URL. The CLI's files are kept out of the way.
set -eu
url=$1
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME=$home AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 AWS_PAGER= \
       AWS_EC2_METADATA_DISABLED=true AWS_MAX_ATTEMPTS=1
aws() { /usr/bin/aws --endpoint-url "$url" "$@"; }

aws s3api create-bucket --bucket cli-logs >/dev/null
aws s3api put-public-access-block --bucket cli-logs --public-access-block-configuration BlockPublicAcls=true,BlockPublicPolicy=true
[ "$(aws s3api get-public-access-block --bucket cli-logs --query PublicAccessBlockConfiguration.BlockPublicPolicy)" = true ]
echo content >"$home/file"
aws s3 cp --quiet "$home/file" s3://cli-logs/a/file
aws s3 cp --quiet s3://cli-logs/a/file "$home/back"
cmp "$home/file" "$home/back"
aws s3 ls s3://cli-logs/ | grep -q 'PRE a/'
[ "$(aws sts get-caller-identity --query Account --output text)" = 111122223333 ]
if AWS_SECRET_ACCESS_KEY=wrong aws s3api list-buckets 2>"$home/error"; then exit 1; fi
grep -q SignatureDoesNotMatch "$home/error"
aws s3 rb --force s3://cli-logs >/dev/null
[ "$(aws s3api list-buckets --query 'Buckets[?Name==`cli-logs`]' --output text)" = "" ]
