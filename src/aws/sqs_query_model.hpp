#pragma once

#include "aws/model.hpp"

namespace osbot_aws::aws {

/// The model of SQS with the names of its Query protocol, which AWS's current model lacks. Only the protocol and the
/// names differ.
/// Source: botocore 1.31.80, the last version with this protocol, sqs/2012-11-05/service-2.json
const Service& sqs_query_model();

}  // namespace osbot_aws::aws
