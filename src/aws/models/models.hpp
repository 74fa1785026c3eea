#pragma once

#include "aws/model.hpp"

namespace osbot_aws::aws {

const Service& iam_model();
const Service& lambda_model();
const Service& logs_model();
const Service& s3_model();
const Service& sqs_model();
const Service& sts_model();

}  // namespace osbot_aws::aws
