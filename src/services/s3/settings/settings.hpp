#pragma once

#include <string>
#include <string_view>

#include "services/s3/s3_call.hpp"

namespace osbot_aws::services {

/// A request that puts a configuration document.
struct S3_Setting_Request {
    const S3& s3;
    const Call& call;
    const S3_Bucket& bucket;
};

/// A configuration document of a bucket: stored, validated, returned and deleted by the functions of settings.cpp. Its
/// JSON has the form of the model.
struct S3_Setting {
    const char* name;           ///< in S3_Bucket::settings
    const char* put_operation;  ///< its input has the document
    const char* payload;        ///< the member with the document, of the input and of some outputs
    /// Checks the document, and completes it. nullptr: the model's rules are enough.
    Result<void> (*check)(const S3_Setting_Request& request, Json& document) = nullptr;
    bool has_own_enumerations = false;  ///< `check` checks them: S3's errors are others than MalformedXML
    bool is_payload_of_output = false;  ///< else the members of the document are those of the output
    /// The error of a bucket without the document; nullptr: the output is empty.
    const char *missing_code = nullptr, *missing_message = nullptr;
    /// The document that a bucket has until one is put; nullptr: none. A delete removes it too, if `deletes_default`.
    const char* initial = nullptr;
    bool deletes_default = false;
};

/// The same for documents of which a bucket has several, by their IDs.
struct S3_Setting_List {
    const char* name;
    const char* put_operation;
    const char* payload;
    const char* list_member;  ///< of the output that lists the documents
    int put_status = 200;     ///< of the response to a put
    Result<void> (*check)(const S3_Setting_Request& request, Json& document) = nullptr;
};

/// Returns the document of a bucket: as stored, else the initial one; null if there is none.
Json document_of(const S3_Bucket& bucket, const S3_Setting& setting);
/// Returns true if the enumerations in a document of an operation's input have values of the model.
bool has_valid_values(std::string_view operation, std::string_view member, const Json& document);
/// Returns the document of a request. Errors: MissingRequestBodyError, MalformedXML (a value that the model lacks,
/// unless `has_own_enumerations`).
Result<Json> document_of_request(const Call& call, const char* operation, const char* member,
                                 bool has_own_enumerations = false);

extern const S3_Setting ownership_setting, public_access_setting, encryption_setting, lock_setting, lifecycle_setting,
    notification_setting, accelerate_setting;

/// Returns the object ownership of a bucket; "" if its ownership controls were deleted: ACLs work, as with
/// ObjectWriter.
std::string object_ownership(const S3_Bucket& bucket);
/// Returns true if the bucket rejects public ACLs or policies. Only a configuration that was put blocks: the initial
/// one does not, so that tools which were written before 2023 work.
bool blocks_public(const S3_Bucket& bucket, std::string_view kind);

}  // namespace osbot_aws::services
