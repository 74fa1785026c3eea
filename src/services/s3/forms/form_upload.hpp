#pragma once

#include "services/s3/s3.hpp"
#include "services/service_api.hpp"

namespace osbot_aws::services {

// POST Object, the upload of a file by the form of a web page: it becomes a request of PutObject.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html

/// Returns true for POST to a bucket without a query, which the model lacks.
bool is_form_upload(const Service_Request& sent);

/// The upload of a form, and its signer.
struct Form_Put {
    Service_Request request;                             ///< of PutObject, with the method POST
    std::string access_key_id = {}, session_token = {};  ///< of its policy; "": it has none
};

/// Checks a form. Replaces `reply` by a function that converts the response of PutObject. On an error, replies and
/// returns nullopt.
std::optional<Form_Put> put_request_of_form(const S3& s3, Service_Request sent, Reply& reply);

}  // namespace osbot_aws::services
