// Roles, buckets, logs and dependencies. `self` is the Python object whose method calls the function.
#include <osbot_aws/apis/Logs.hpp>
#include <osbot_aws/aws/iam/IAM_Role.hpp>
#include <osbot_aws/aws/lambda_/dependencies/Lambda_Dependency.hpp>
#include <osbot_aws/aws/s3/S3.hpp>
#include <osbot_aws/utils/Zip.hpp>

#include "python/lambda.hpp"
#include "python/sessions.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws::python {
namespace {

/// Binary data, which becomes a Python bytes object.
struct Bytes {
    std::string bytes;
};
nb::object to_python(const Bytes& data) { return nb::bytes(data.bytes.data(), data.bytes.size()); }

template <class Call>
nb::object on_role(nb::handle self, Call call) {
    return call_to_python(self, [name = text(self, "role_name"), call = std::move(call)](const Session& session) {
        IAM_Role role(name, session);
        return call(role);
    });
}

void add_roles(nb::module_& core) {
    core.def("role_name_of",
             [](Value name) { return python::to_python(IAM_Role(text_of(name, "role_name")).role_name()); });
    core.def("role_create", [](nb::handle self, Value assume_policy_document) {
        return on_role(self,
                       [document = json_of(assume_policy_document)](IAM_Role& role) { return role.create(document); });
    });
    core.def("role_create_for_lambda",
             [](nb::handle self) { return on_role(self, [](IAM_Role& role) { return role.create_for_lambda(); }); });
    core.def("role_arn", [](nb::handle self) { return on_role(self, [](IAM_Role& role) { return role.arn(); }); });
    core.def("role_info", [](nb::handle self) { return on_role(self, [](IAM_Role& role) { return role.info(); }); });
    core.def("role_delete",
             [](nb::handle self) { return on_role(self, [](IAM_Role& role) { return role.delete_(); }); });
    core.def("role_attach_policy", [](nb::handle self, Value policy_arn) {
        return on_role(self, [arn = text_of(policy_arn, "policy_arn")](IAM_Role& role) {
            return role.attach_policy(arn).role_name();
        });
    });
    core.def("role_put_policy", [](nb::handle self, Value policy_name, Value policy_document) {
        return on_role(self, [name = text_of(policy_name, "policy_name"), document = json_of(policy_document)](
                                 IAM_Role& role) { return role.put_policy(name, document).role_name(); });
    });
    core.def("role_attached_policies",
             [](nb::handle self) { return on_role(self, [](IAM_Role& role) { return role.attached_policies(); }); });
    core.def("role_inline_policies",
             [](nb::handle self) { return on_role(self, [](IAM_Role& role) { return role.inline_policies(); }); });
}

template <class Call>
nb::object on_s3(nb::handle self, Call call) {
    return call_to_python(self, [call = std::move(call)](const Session& session) {
        S3 s3(session);
        return call(s3);
    });
}

void add_s3(nb::module_& core) {
    core.def("s3_bucket_create", [](nb::handle self, Value bucket, Value region) {
        return on_s3(self, [bucket = text_of(bucket, "bucket"), region = text_of(region, "region")](S3& s3) {
            return s3.bucket_create(bucket, region);
        });
    });
    core.def("s3_bucket_exists", [](nb::handle self, Value bucket) {
        return on_s3(self, [bucket = text_of(bucket, "bucket")](S3& s3) { return s3.bucket_exists(bucket); });
    });
    core.def("s3_bucket_delete", [](nb::handle self, Value bucket) {
        return on_s3(self, [bucket = text_of(bucket, "bucket")](S3& s3) { return s3.bucket_delete(bucket); });
    });
    core.def("s3_buckets", [](nb::handle self) { return on_s3(self, [](S3& s3) { return s3.buckets(); }); });
    core.def("s3_file_upload_from_bytes",
             [](nb::handle self, Value file_bytes, Value bucket, Value key, Value content_type, Value metadata) {
                 return on_s3(self, [bytes = bytes_of(file_bytes, "file_bytes"), bucket = text_of(bucket, "bucket"),
                                     key = text_of(key, "key"), type = text_of(content_type, "content_type"),
                                     metadata = text_map_of(metadata, "metadata")](S3& s3) {
                     return s3.file_upload_from_bytes(bytes, bucket, key, type, metadata), true;
                 });
             });
    core.def("s3_file_upload_to_key", [](nb::handle self, Value file, Value bucket, Value key) {
        return on_s3(self,
                     [file = text_of(file, "file"), bucket = text_of(bucket, "bucket"),
                      key = text_of(key, "key")](S3& s3) { return s3.file_upload_to_key(file, bucket, key), true; });
    });
    core.def("s3_folder_upload", [](nb::handle self, Value folder, Value bucket, Value key) {
        return on_s3(self,
                     [folder = text_of(folder, "folder"), bucket = text_of(bucket, "s3_bucket"),
                      key = text_of(key, "s3_key")](S3& s3) { return s3.folder_upload(folder, bucket, key), true; });
    });
    core.def("s3_file_bytes", [](nb::handle self, Value bucket, Value key) {
        return on_s3(self, [bucket = text_of(bucket, "bucket"), key = text_of(key, "key")](S3& s3) {
            return Bytes{s3.file_bytes(bucket, key)};
        });
    });
    core.def("s3_file_download", [](nb::handle self, Value bucket, Value key) {
        return on_s3(self, [bucket = text_of(bucket, "bucket"), key = text_of(key, "key")](S3& s3) {
            return s3.file_download(bucket, key);
        });
    });
    core.def("s3_file_exists", [](nb::handle self, Value bucket, Value key) {
        return on_s3(self, [bucket = text_of(bucket, "bucket"), key = text_of(key, "key")](S3& s3) {
            return s3.file_exists(bucket, key);
        });
    });
    core.def("s3_file_details", [](nb::handle self, Value bucket, Value key) {
        return on_s3(self, [bucket = text_of(bucket, "bucket"), key = text_of(key, "key")](S3& s3) {
            return s3.file_details(bucket, key);
        });
    });
    core.def("s3_file_metadata", [](nb::handle self, Value bucket, Value key) {
        return on_s3(self, [bucket = text_of(bucket, "bucket"), key = text_of(key, "key")](S3& s3) {
            return s3.file_metadata(bucket, key);
        });
    });
    core.def("s3_find_files", [](nb::handle self, Value bucket, Value prefix) {
        return on_s3(self, [bucket = text_of(bucket, "bucket"), prefix = text_of(prefix, "prefix")](S3& s3) {
            return s3.find_files(bucket, prefix);
        });
    });
    core.def("s3_file_delete", [](nb::handle self, Value bucket, Value key) {
        return on_s3(self, [bucket = text_of(bucket, "bucket"), key = text_of(key, "key")](S3& s3) {
            return s3.file_delete(bucket, key);
        });
    });
    core.def("s3_files_delete", [](nb::handle self, Value bucket, Value keys) {
        return on_s3(self, [bucket = text_of(bucket, "bucket"), keys = texts_of(keys, "keys")](S3& s3) {
            return s3.files_delete(bucket, keys);
        });
    });
}

template <class Call>
nb::object on_logs(nb::handle self, Call call) {
    return call_to_python(self, [name = text(self, "group_name"), call = std::move(call)](const Session& session) {
        Logs logs(name, session);
        return call(logs);
    });
}

Log_Query query_of(nb::handle log_stream_prefix, long long start_time, long long end_time, nb::handle filter_pattern,
                   std::size_t limit) {
    return {.log_stream_prefix = text_of(log_stream_prefix, "log_stream_prefix"),
            .start_time = start_time,
            .end_time = end_time,
            .filter_pattern = text_of(filter_pattern, "filter_pattern"),
            .limit = limit};
}

void add_logs(nb::module_& core) {
    core.def("logs_group_info",
             [](nb::handle self) { return on_logs(self, [](Logs& logs) { return logs.group_info(); }); });
    core.def("logs_group_create",
             [](nb::handle self) { return on_logs(self, [](Logs& logs) { return logs.group_create(); }); });
    core.def("logs_group_delete",
             [](nb::handle self) { return on_logs(self, [](Logs& logs) { return logs.delete_(); }); });
    core.def("logs_streams", [](nb::handle self) { return on_logs(self, [](Logs& logs) { return logs.streams(); }); });
    core.def("logs_events",
             [](nb::handle self, Value prefix, long long start, long long end, Value pattern, std::size_t limit) {
                 return on_logs(self, [query = query_of(prefix, start, end, pattern, limit)](Logs& logs) {
                     return logs.events(query);
                 });
             });
    core.def("logs_messages",
             [](nb::handle self, Value prefix, long long start, long long end, Value pattern, std::size_t limit) {
                 return on_logs(self, [query = query_of(prefix, start, end, pattern, limit)](Logs& logs) {
                     return logs.messages(query);
                 });
             });
}

template <class Call>
nb::object on_dependency(nb::handle self, Call call) {
    Lambda_Dependency_Options options{.runtime = text(self, "runtime"), .architecture = text(self, "architecture")};
    return call_to_python(self, [name = text(self, "package_name"), options = std::move(options),
                                 call = std::move(call)](const Session& session) mutable {
        options.session = session;
        Lambda_Dependency dependency(name, options);
        return call(dependency);
    });
}

void add_dependencies(nb::module_& core) {
    core.def("dependency_install_and_upload", [](nb::handle self, bool refresh) {
        return on_dependency(self, [refresh](Lambda_Dependency& d) { return d.install_and_upload(refresh); });
    });
    core.def("dependency_install", [](nb::handle self) {
        return on_dependency(self, [](Lambda_Dependency& d) { return d.dependency_local.install(); });
    });
    core.def("dependency_local_exists", [](nb::handle self) {
        return on_dependency(self, [](Lambda_Dependency& d) { return d.dependency_local.exists(); });
    });
    core.def("dependency_local_files", [](nb::handle self) {
        return on_dependency(self, [](Lambda_Dependency& d) { return d.dependency_local.files(); });
    });
    core.def("dependency_local_zip", [](nb::handle self) {
        return on_dependency(self, [](Lambda_Dependency& d) { return Bytes{d.dependency_local.files_zipped()}; });
    });
    core.def("dependency_local_delete", [](nb::handle self) {
        return on_dependency(self, [](Lambda_Dependency& d) { return d.dependency_local.delete_(); });
    });
    core.def("dependency_local_path", [](nb::handle self) {
        return on_dependency(self, [](Lambda_Dependency& d) { return d.dependency_local.path(); });
    });
    core.def("dependency_s3_setup", [](nb::handle self) {
        return on_dependency(self, [](Lambda_Dependency& d) { return d.dependency_s3.setup().bucket_name(); });
    });
    core.def("dependency_s3_upload", [](nb::handle self, Value file_bytes) {
        return on_dependency(self, [bytes = bytes_of(file_bytes, "file_bytes")](Lambda_Dependency& d) {
            return d.dependency_s3.upload(bytes);
        });
    });
    core.def("dependency_s3_exists", [](nb::handle self) {
        return on_dependency(self, [](Lambda_Dependency& d) { return d.dependency_s3.exists(); });
    });
    core.def("dependency_s3_bytes", [](nb::handle self) {
        return on_dependency(self, [](Lambda_Dependency& d) { return Bytes{d.dependency_s3.bytes()}; });
    });
    core.def("dependency_s3_files", [](nb::handle self) {
        return on_dependency(self, [](Lambda_Dependency& d) { return d.dependency_s3.files_paths(); });
    });
    core.def("dependency_s3_delete", [](nb::handle self) {
        return on_dependency(self, [](Lambda_Dependency& d) { return d.dependency_s3.delete_(); });
    });
    core.def("dependency_s3_bucket", [](nb::handle self) {
        return on_dependency(self, [](Lambda_Dependency& d) { return d.dependency_s3.bucket_name(); });
    });
    core.def("dependency_s3_path", [](nb::handle self) {
        return on_dependency(self, [](Lambda_Dependency& d) { return d.dependency_s3.path(); });
    });
}

/// Adds functions for operations that have no method in the SDK. They take the operation's AWS name and return the
/// response unchanged.
void add_calls(nb::module_& core) {
    core.def("query", [](nb::handle self, Value service, Value action, Value parameters) {
        return call_to_python(self, [service = text_of(service, "service"), action = text_of(action, "action"),
                                     fields = text_map_of(parameters, "parameters")](const Session& session) {
            return client_of(session).query(service, action, {fields.begin(), fields.end()}).value();
        });
    });
    core.def("logs", [](nb::handle self, Value operation, Value members) {
        return call_to_python(
            self, [target = "Logs_20140328." + text_of(operation, "operation"), body = json_of(members)](
                      const Session& session) { return client_of(session).json11("logs", target, body).value(); });
    });
}

void add_zips(nb::module_& core) {
    core.def("zip_folder", [](Value folder) {
        return python::to_python(run_as_job([folder = text_of(folder, "root_dir")] { return zip_folder(folder); }));
    });
    core.def("zip_folder_to_bytes", [](Value folder, Value files_to_ignore) {
        return to_python(
            run_as_job([folder = text_of(folder, "root_dir"), ignore = texts_of(files_to_ignore, "files_to_ignore")] {
                return Bytes{zip_folder_to_bytes(folder, ignore)};
            }));
    });
}

}  // namespace

void add_services(nb::module_& core) {
    add_calls(core);
    add_zips(core);
    add_roles(core);
    add_s3(core);
    add_logs(core);
    add_dependencies(core);
}

}  // namespace osbot_aws::python
