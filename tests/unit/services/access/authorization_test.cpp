#include "services/access/authorization.hpp"

#include <gmock/gmock.h>

#include "aws/models/models.hpp"
#include "base/time_text.hpp"
#include "services/access/access_keys.hpp"
#include "services/iam/iam_api.hpp"
#include "services/sts/session_token.hpp"
#include "support/lambda_world.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

using test_support::Fails_with;
using testing::ElementsAre, testing::IsEmpty;

/// The services that decide about access, with an empty state.
struct Authorization_Test : testing::Test, test_support::Lambda_World {
    Iam iam{context};
    S3 s3{context};
    Sqs sqs{context};
    Event_Sources event_sources{context, sqs, functions.registry, invocations};
    const Access_State state{context, iam, s3, sqs, functions.registry, event_sources};
    const Authorization authorization{state};
    const Operations iam_all = iam_operations(iam);

    Json call_iam(std::string_view operation, Json input) {
        Json output;
        iam_all.find(operation)->run({account, std::move(input), {}, ""},
                                     [&](const Result<Output>& done) { output = done.value().members; });
        return output;
    }
    static Call call_of(Json input, wire::Headers headers = {}) {
        return {{}, std::move(input), {"PUT", "/", std::move(headers), ""}, ""};
    }

    /// Returns the actions that an operation requires, without s3: and the ARN's beginning: "GetObject b/k v1".
    std::vector<std::string> actions(std::string_view operation, Json input) const {
        const aws::Service& service = aws::s3_model();
        const Call call = call_of(std::move(input));
        std::vector<std::string> texts;
        for (const Required_Action& each :
             required_actions(service, *service.find_operation(operation), {state, call})) {
            texts.push_back(each.action.substr(3) + " " + each.resource.substr(each.resource.rfind(':') + 1));
            if (!each.version.empty()) texts.back() += " " + each.version;
        }
        return texts;
    }
    /// Returns the value of a condition key of a call of S3; "" if it has none.
    std::string key(std::string_view operation, const std::string& name, Json input, wire::Headers headers = {}) const {
        const Call call = call_of(std::move(input), std::move(headers));
        Condition_Keys keys;
        add_operation_keys(aws::s3_model(), *aws::s3_model().find_operation(operation), {state, call}, keys);
        const auto found = keys.find(name);
        return found == keys.end() ? "" : found->second.front();
    }
    Json object(Json more = Json::object()) const {
        more.update(Json{{"Bucket", "b"}, {"Key", "k"}});
        return more;
    }
};

TEST_F(Authorization_Test, each_way_to_set_an_acl_requires_permission_once) {
    EXPECT_THAT(actions("PutObject", object({{"GrantRead", "id=1"}, {"GrantReadACP", "id=1"}})),
                ElementsAre("PutObject b/k", "PutObjectAcl b/k"));
    EXPECT_THAT(actions("CreateMultipartUpload", object({{"GrantFullControl", "id=1"}})),
                ElementsAre("PutObject b/k", "PutObjectAcl b/k"));
    EXPECT_THAT(actions("CreateBucket", {{"Bucket", "b"}, {"GrantWrite", "id=1"}}),
                ElementsAre("CreateBucket b", "PutBucketAcl b"));
}

TEST_F(Authorization_Test, flag_requires_an_action_only_if_it_is_true) {
    const auto with = [&](bool value) { return object({{"BypassGovernanceRetention", value}}); };
    EXPECT_THAT(actions("DeleteObject", with(false)), ElementsAre("DeleteObject b/k"));
    EXPECT_THAT(actions("DeleteObject", with(true)), ElementsAre("DeleteObject b/k", "BypassGovernanceRetention b/k"));
}

TEST_F(Authorization_Test, actions_on_a_version_differ_and_name_it) {
    EXPECT_THAT(actions("GetObjectAttributes", object()), ElementsAre("GetObjectAttributes b/k", "GetObject b/k"));
    EXPECT_THAT(actions("GetObjectAttributes", object({{"VersionId", "v1"}})),
                ElementsAre("GetObjectVersionAttributes b/k v1", "GetObjectVersion b/k v1"));
    EXPECT_THAT(actions("CopyObject", object({{"CopySource", "from/k?versionId=null"}})),
                ElementsAre("PutObject b/k", "GetObjectVersion from/k null"));
}

TEST_F(Authorization_Test, condition_on_an_etag_requires_permission_to_read) {
    const auto with = [&](const std::string& etags) { return object({{"IfMatch", etags}}); };
    for (const char* name : {"PutObject", "CompleteMultipartUpload"}) {
        EXPECT_THAT(actions(name, with("e")), ElementsAre("PutObject b/k", "GetObject b/k"));
        EXPECT_THAT(actions(name, with("*")), ElementsAre("PutObject b/k"));
    }
    EXPECT_THAT(actions("DeleteObject", with("e")), ElementsAre("DeleteObject b/k", "GetObject b/k"));
    EXPECT_THAT(actions("DeleteObject", with("*")), ElementsAre("DeleteObject b/k"));
}

TEST_F(Authorization_Test, only_an_upload_that_creates_the_object_is_conditional) {
    const wire::Headers headers{{"If-None-Match", "*"}, {"If-Match", "\"e\""}};
    const std::string creates = "s3:objectcreationoperation";
    for (const char* name : {"PutObject", "CompleteMultipartUpload", "CopyObject"}) {
        EXPECT_EQ(key(name, creates, object()), "true");
        EXPECT_EQ(key(name, "s3:if-none-match", object(), headers), "*");
        EXPECT_EQ(key(name, "s3:if-match", object(), headers), "\"e\"");
    }
    for (const char* name : {"CreateMultipartUpload", "UploadPart", "UploadPartCopy"}) {
        EXPECT_EQ(key(name, creates, object()), "false");
        EXPECT_EQ(key(name, "s3:if-none-match", object(), headers), "");
    }
    EXPECT_EQ(key("GetObject", creates, object()), "");
    EXPECT_EQ(key("GetObject", "s3:if-match", object(), headers), "");
    EXPECT_EQ(key("DeleteObject", "s3:if-match", object(), headers), "\"e\"");
}

TEST_F(Authorization_Test, signatures_of_links_and_forms_have_an_age) {
    const auto keys_of = [&](wire::Request request) {
        const Call call{{}, object(), std::move(request), ""};
        Condition_Keys keys;
        add_operation_keys(aws::s3_model(), *aws::s3_model().find_operation("PutObject"), {state, call}, keys);
        return keys;
    };
    const std::string date = base::sigv4_date(context.now() - std::chrono::seconds(5)), age = "s3:signatureage";
    Condition_Keys link = keys_of({"PUT", "/b/k?X-Amz-Signature=s&X-Amz-Date=" + date, {}, ""});
    EXPECT_THAT(link["s3:authtype"], ElementsAre("REST-QUERY-STRING"));
    EXPECT_THAT(link[age], ElementsAre("5000"));
    Condition_Keys form = keys_of({"POST", "/b/k", {{"x-amz-date", date}}, ""});
    EXPECT_THAT(form["s3:authtype"], ElementsAre("POST"));
    EXPECT_THAT(form[age], ElementsAre("5000"));
    Condition_Keys version_2 = keys_of({"PUT", "/b/k?AWSAccessKeyId=test&Expires=1&Signature=s", {}, ""});
    EXPECT_THAT(version_2["s3:signatureversion"], ElementsAre("AWS"));
    EXPECT_THAT(version_2[age], ElementsAre("0"));
    EXPECT_THAT(keys_of({"PUT", "/b/k", {{"X-Amz-Date", date}}, ""})[age], IsEmpty());
}

TEST_F(Authorization_Test, retention_has_a_number_of_remaining_days) {
    const std::string name = "s3:object-lock-remaining-retention-days";
    const auto until = [&](std::chrono::seconds after) { return base::iso8601_z(context.now() + after); };
    const auto days = [&](std::chrono::seconds after) {
        return key("PutObject", name, object(), {{"x-amz-object-lock-retain-until-date", until(after)}});
    };
    EXPECT_EQ(days(std::chrono::days(10)), "10");
    EXPECT_EQ(days(std::chrono::days(10) + std::chrono::seconds(2)), "11");
    const Json document =
        object({{"Retention", {{"Mode", "GOVERNANCE"}, {"RetainUntilDate", until(std::chrono::days(2))}}}});
    EXPECT_EQ(key("PutObjectRetention", name, document), "2");
    EXPECT_EQ(key("PutObjectRetention", "s3:object-lock-mode", document), "GOVERNANCE");
    EXPECT_EQ(key("PutObjectLegalHold", "s3:object-lock-legal-hold", object({{"LegalHold", {{"Status", "ON"}}}})),
              "ON");
    EXPECT_EQ(key("PutObject", name, object()), "");
}

TEST_F(Authorization_Test, role_of_a_function_calls_the_region_of_the_resource) {
    call_iam("CreateRole", {{"RoleName", "r"},
                            {"AssumeRolePolicyDocument", R"({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}})"}});
    call_iam("PutRolePolicy", {{"RoleName", "r"},
                               {"PolicyName", "own"},
                               {"PolicyDocument", R"({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}})"}});
    const auto allows = [&](const std::string& region, const std::string& arn) {
        return authorization.role_allows({account.id, region}, "arn:aws:iam::000000000000:role/r", "any:Action", arn);
    };
    EXPECT_TRUE(allows("us-east-1", "arn:aws:sqs:eu-west-1:000000000000:q"));
    EXPECT_FALSE(allows("eu-west-1", "arn:aws:sqs:us-east-1:000000000000:q"));
    EXPECT_TRUE(allows("eu-west-1", "arn:aws:s3:::b/k"));
    EXPECT_FALSE(allows("us-east-1", "arn:aws:s3:::b/k"));
}

TEST_F(Authorization_Test, session_of_a_function_has_the_key_of_its_function) {
    const std::string arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    const std::string token = make_session_token(context.keys, {.account = account.id,
                                                                .principal_arn = role,
                                                                .session = "f",
                                                                .expires_at = context.now(),
                                                                .source_function = arn});
    const Caller caller{.kind = Caller::Kind::role,
                        .account = account.id,
                        .user_id = "",
                        .arn = role,
                        .name = "r",
                        .session = read_session_token(context.keys, token)};
    EXPECT_THAT(request_keys(state, caller, nullptr, account, {})[source_function_key], ElementsAre(arn));
}

TEST_F(Authorization_Test, mapping_has_the_keys_of_its_function_and_tags) {
    const std::string queue = sqs.create(account, "q", {{"VisibilityTimeout", "30"}}, {}).value()->arn;
    active();
    Event_Source_Change request;
    request.event_source_arn = queue;
    request.function_name = "hello";
    request.tags = {{"team", "a"}};
    const std::string arn = event_sources.create(account, request).value().arn();
    const auto keys_of = [&](const std::string& action) {
        Condition_Keys keys;
        add_resource_keys(state, {.action = action, .resource = arn}, keys);
        return keys;
    };
    Condition_Keys keys = keys_of("lambda:DeleteEventSourceMapping");
    EXPECT_THAT(keys["lambda:functionarn"], ElementsAre("arn:aws:lambda:us-east-1:000000000000:function:hello"));
    EXPECT_THAT(keys["aws:resourcetag/team"], ElementsAre("a"));
    EXPECT_THAT(keys_of("lambda:TagResource")["lambda:functionarn"], IsEmpty());
}

/// The list of operations is not longer than AWS's: a queue's policy may permit all others.
TEST_F(Authorization_Test, queue_of_another_account_permits_only_some_operations) {
    const Queue* queue = sqs.create(account, "q", {}, {}).value();
    ASSERT_TRUE(sqs.set_attributes(*queue, {{"Policy", R"({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": "*", "Action": "SQS:*", "Resource": "*"}})"}})
                    .has_value());
    const auto authorize = [&](std::string_view operation, const Caller& caller) {
        Call call = call_of({{"QueueUrl", "http://localhost/000000000000/q"}});
        call.account.id = caller.account;
        call.caller = std::make_shared<const Caller>(caller);
        return authorization.authorize(aws::sqs_model(), *aws::sqs_model().find_operation(operation), call);
    };
    const auto root_of = [](const std::string& id) {
        return Caller{.account = id, .user_id = id, .arn = "arn:aws:iam::" + id + ":root", .name = ""};
    };
    const Caller own = root_of("000000000000"), other = root_of("111122223333");
    const Caller anonymous{
        .kind = Caller::Kind::anonymous, .account = account.id, .user_id = "", .arn = "", .name = ""};
    for (const char* operation : {"SetQueueAttributes", "DeleteQueue", "TagQueue", "RemovePermission"}) {
        EXPECT_TRUE(authorize(operation, own).has_value());
        EXPECT_THAT(authorize(operation, other), Fails_with("AccessDenied"));
        EXPECT_THAT(authorize(operation, anonymous), Fails_with("AccessDenied"));
    }
    for (const char* operation : {"SendMessage", "GetQueueAttributes", "PurgeQueue"}) {
        EXPECT_TRUE(authorize(operation, other).has_value());
        EXPECT_TRUE(authorize(operation, anonymous).has_value());
    }
}

}  // namespace
}  // namespace osbot_aws::services
