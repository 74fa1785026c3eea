# [start aws]
mkdir texts && echo one >texts/a.txt
aws s3 mb s3://my-files
aws s3 cp texts/a.txt s3://my-files/a.txt
aws s3 sync texts s3://my-files/texts
aws s3 ls s3://my-files --recursive
curl -s "$(aws s3 presign s3://my-files/a.txt)"
aws s3 rm s3://my-files --recursive
aws s3 rb s3://my-files
# [end aws]
