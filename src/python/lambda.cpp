#include "python/lambda.hpp"

#include <osbot_aws/apis/shell/Shell_Client.hpp>
#include <osbot_aws/aws/lambda_/Lambda_With_Temp_Role.hpp>

#include "python/json_text.hpp"
#include "python/sessions.hpp"
#include "python/settings.hpp"
#include "sdk/lambda_calls.hpp"

namespace osbot_aws::python {
namespace {

/// Runs a call that needs no settings except the name and the timeout, and returns its result.
template <class Call>
auto call_with_lambda(nb::handle self, Call call) {
    return call_with_session(
        self,
        [name = text(self, "name"), timeout = number(self, "timeout"),
         call = std::move(call)](const Session& session) mutable {
            Lambda function(name, session);
            function.timeout = timeout;
            return call(function);
        },
        run_in_this_thread);
}

/// Runs a call like call_with_lambda() and converts its result to a Python value.
template <class Call>
nb::object on_lambda(nb::handle self, Call call) {
    return to_python(call_with_lambda(self, std::move(call)));
}

Text_Invoke_Result invoke_with_options(nb::handle self, nb::handle payload, const Invoke_Options& options = {}) {
    return call_with_lambda(self, [event = event_text(payload), options](Lambda& f) mutable {
        return invoke_text(f, std::move(event), options);
    });
}

/// Parses a function's result; returns {'raw_message': text} if it is not JSON.
nb::object parse_result(const std::string& payload) {
    if (payload.empty()) return nb::none();
    if (nb::object value = parse_json_text(payload); value.is_valid()) return value;
    nb::dict raw;
    raw["raw_message"] = to_python(payload);
    return raw;
}

nb::object invoke(nb::handle self, nb::handle payload) {
    const Text_Invoke_Result invocation = invoke_with_options(self, payload);
    nb::object value = invocation.result.status == "error" ? nb::object(nb::dict()) : parse_result(invocation.payload);
    if (!invocation.result.error.empty() && nb::isinstance<nb::dict>(value))
        value["error"] = to_python(invocation.result.error);
    return value;
}

nb::object invoke_raw(nb::handle self, nb::handle payload, const Invoke_Options& options) {
    const Text_Invoke_Result invocation = invoke_with_options(self, payload, options);
    nb::object result = to_python(invocation.result);
    result["data"] =
        invocation.result.status == "error" ? to_python(invocation.result.error) : parse_result(invocation.payload);
    return result;
}

nb::object invoke_return_logs(nb::handle self, nb::handle payload) {
    Text_Invoke_Result invocation = invoke_with_options(self, payload, {.log_type = "Tail"});
    nb::object logs = to_python(logs_of(std::move(invocation.result)));
    logs["return_value"] = parse_result(invocation.payload);
    return logs;
}

/// Runs a call that sends the settings and may change them. The call uses a copy of the settings, because another
/// thread may change the Python object in the meantime.
template <class Function = Lambda, class Call>
nb::object with_settings(
    nb::handle self, Call call, void (*read_more)(nb::handle, Function&) = [](nb::handle, Function&) {}) {
    auto lease = std::make_shared<Sessions::Lease>(
        run_as_job([sessions = sessions_of(self)] { return Sessions::Lease(sessions); }));
    auto function = std::make_shared<Function>(text(self, "name"), lease->session());
    read_settings(self, *function);
    read_more(self, *function);
    auto result = run_as_job([lease, function, call = std::move(call)] { return call(*function); });
    write_back_settings(*function, self);
    return to_python(result);
}

void read_role_settings(nb::handle self, Lambda_With_Temp_Role& function) {
    function.temp_role_services = texts(self, "temp_role__services");
    function.temp_role_action = text(self, "temp_role__action");
    function.temp_role_resource = text(self, "temp_role__resource");
    function.temp_role_name = text(self, "temp_role__name");
    function.temp_role_recreate = nb::cast<bool>(self.attr("temp_role__recreate"));
}

std::chrono::milliseconds in_milliseconds(double seconds) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(seconds));
}

List_Options list_options(nb::handle index_by, nb::handle group_by) {
    return {.index_by = text_of(index_by, "index_by"), .group_by = text_of(group_by, "group_by")};
}

void add_lifecycle(nb::module_& core) {
    core.def("lambda_create",
             [](nb::handle self) { return with_settings(self, [](Lambda& f) { return f.create(); }); });
    core.def("lambda_create_with_temp_role", [](nb::handle self) {
        return with_settings<Lambda_With_Temp_Role>(
            self, [](Lambda_With_Temp_Role& f) { return f.create(); }, read_role_settings);
    });
    core.def("lambda_update_with_temp_role", [](nb::handle self) {
        return with_settings<Lambda_With_Temp_Role>(
            self, [](Lambda_With_Temp_Role& f) { return f.update(); }, read_role_settings);
    });
    core.def("lambda_temp_role_create", [](nb::handle self) {
        return with_settings<Lambda_With_Temp_Role>(
            self, [](Lambda_With_Temp_Role& f) { return f.temp_role_create().role_name(); }, read_role_settings);
    });
    core.def("lambda_create_kwargs", [](nb::handle self) {
        Lambda function(text(self, "name"));
        read_settings(self, function);
        return to_python(function.create_kwargs());
    });
    core.def("lambda_exists", [](nb::handle self, Value function_name) {
        return on_lambda(self, [name = text_of(function_name, "function_name")](Lambda& f) { return f.exists(name); });
    });
    core.def("lambda_delete", [](nb::handle self, bool delete_log_group) {
        return on_lambda(self, [delete_log_group](Lambda& f) { return f.delete_(delete_log_group); });
    });
    core.def("lambda_upload",
             [](nb::handle self) { return with_settings(self, [](Lambda& f) { return f.upload(); }); });
    core.def("lambda_update",
             [](nb::handle self) { return with_settings(self, [](Lambda& f) { return f.update(); }); });
    core.def("lambda_update_code",
             [](nb::handle self) { return with_settings(self, [](Lambda& f) { return f.update_lambda_code(); }); });
    core.def("lambda_update_configuration", [](nb::handle self) {
        return with_settings(self, [](Lambda& f) { return f.update_lambda_configuration(); });
    });
    core.def("lambda_configuration_update", [](nb::handle self, Value members) {
        return on_lambda(self, [members = json_of(members)](Lambda& f) { return f.configuration_update(members); });
    });
    core.def("lambda_wait_for_state", [](nb::handle self, Value state, int max_wait_count, double wait_interval) {
        return on_lambda(self, [state = text_of(state, "state"), max_wait_count, wait_interval](Lambda& f) {
            return f.wait_for_state(
                state, {.max_wait_count = max_wait_count, .wait_interval = in_milliseconds(wait_interval)});
        });
    });
    core.def("lambda_wait_for_update", [](nb::handle self, int max_attempts, double wait_time) {
        return on_lambda(self, [max_attempts, wait_time](Lambda& f) {
            return f.wait_for_function_update_to_complete(
                {.max_wait_count = max_attempts, .wait_interval = in_milliseconds(wait_time)});
        });
    });
}

void add_invokes(nb::module_& core) {
    core.def("event_text", [](Value payload) { return to_python(event_text(payload)); });
    core.def("parse_result", [](Value payload) { return parse_result(text_of(payload, "payload")); });
    core.def("lambda_invoke", [](nb::handle self, Value payload) { return invoke(self, payload); });
    core.def("lambda_invoke_raw",
             [](nb::handle self, Value payload, Value client_context, Value log_type, Value qualifier) {
                 return invoke_raw(self, payload,
                                   {.log_type = text_of(log_type, "log_type"),
                                    .qualifier = text_of(qualifier, "qualifier"),
                                    .client_context = json_of(client_context)});
             });
    core.def("lambda_invoke_return_logs",
             [](nb::handle self, Value payload) { return invoke_return_logs(self, payload); });
    core.def("lambda_invoke_async", [](nb::handle self, Value payload) {
        return on_lambda(self, [event = event_text(payload)](Lambda& f) { return queue_text(f, event); });
    });
    core.def("lambda_invoke_dry_run", [](nb::handle self, Value payload) {
        return on_lambda(self, [event = event_text(payload)](Lambda& f) { return dry_run_text(f, event); });
    });
    core.def("lambda_shell", [](nb::handle self, Value auth_key, Value method_name, Value method_kwargs) {
        return on_lambda(
            self, [key = text_of(auth_key, "auth_key"), method = text_of(method_name, "method_name"),
                   arguments = json_of(method_kwargs)](Lambda& f) { return f.shell(key).call(method, arguments); });
    });
    core.def("lambda_shell_return_logs", [](nb::handle self, Value auth_key, Value code) {
        return on_lambda(self, [key = text_of(auth_key, "auth_key"), code = text_of(code, "code")](Lambda& f) {
            return f.shell(key).python_exec_return_logs(code);
        });
    });
}

void add_queries(nb::module_& core) {
    core.def("lambda_configuration",
             [](nb::handle self) { return on_lambda(self, [](Lambda& f) { return f.configuration(); }); });
    core.def("lambda_info", [](nb::handle self, Value function_name) {
        return on_lambda(self, [name = text_of(function_name, "function_name")](Lambda& f) { return f.info(name); });
    });
    core.def("lambda_function_arn",
             [](nb::handle self) { return on_lambda(self, [](Lambda& f) { return f.function_arn(); }); });
    core.def("lambda_functions", [](nb::handle self, Value index_by, Value group_by) {
        return on_lambda(self,
                         [options = list_options(index_by, group_by)](Lambda& f) { return f.functions(options); });
    });
    core.def("lambda_functions_names",
             [](nb::handle self) { return on_lambda(self, [](Lambda& f) { return f.functions_names(); }); });
    core.def("lambda_account_settings",
             [](nb::handle self) { return on_lambda(self, [](Lambda& f) { return f.account_settings(); }); });
}

void add_urls(nb::module_& core) {
    core.def("lambda_url_create", [](nb::handle self, Value alias, Value auth_type, Value cors, Value invoke_mode) {
        const Function_Url_Options options{.auth_type = text_of(auth_type, "auth_type"),
                                           .invoke_mode = text_of(invoke_mode, "invoke_mode"),
                                           .function_alias = text_of(alias, "function_alias"),
                                           .cors = json_of(cors)};
        return on_lambda(self, [options](Lambda& f) { return f.function_url_create(options); });
    });
    core.def("lambda_url_create_with_public_access", [](nb::handle self, Value invoke_mode) {
        return on_lambda(self, [mode = text_of(invoke_mode, "invoke_mode")](Lambda& f) {
            const Status created = f.function_url_create_with_public_access(mode);
            return created.data.is_null() ? created.value() : created.data;
        });
    });
    core.def("lambda_url_info", [](nb::handle self, Value alias) {
        return on_lambda(self, [alias = text_of(alias, "alias")](Lambda& f) { return f.function_url_info(alias); });
    });
    core.def("lambda_url_update", [](nb::handle self, Value alias, Value auth_type, Value cors, Value invoke_mode) {
        const Function_Url_Changes changes{.auth_type = text_of(auth_type, "auth_type"),
                                           .invoke_mode = text_of(invoke_mode, "invoke_mode"),
                                           .function_alias = text_of(alias, "function_alias"),
                                           .cors = json_of(cors)};
        return on_lambda(self, [changes](Lambda& f) { return f.function_url_update(changes); });
    });
    core.def("lambda_url_delete", [](nb::handle self, Value alias) {
        return on_lambda(self, [alias = text_of(alias, "alias")](Lambda& f) { return f.function_url_delete(alias); });
    });
}

/// Returns the service's response, or {'error': 'CODE: reason'}.
Json response_or_error_text(const Status& status) { return status ? status.data : Json{{"error", status.error}}; }

void add_permissions(nb::module_& core) {
    core.def("lambda_permission_add", [](nb::handle self, Value function_arn, Value statement_id, Value action,
                                         Value principal, Value source_arn, Value function_url_auth_type) {
        const Permission permission{
            .function_arn = text_of(function_arn, "function_arn"),
            .statement_id = text_of(statement_id, "statement_id"),
            .action = text_of(action, "action"),
            .principal = text_of(principal, "principal"),
            .source_arn = text_of(source_arn, "source_arn"),
            .function_url_auth_type = text_of(function_url_auth_type, "function_url_auth_type")};
        return on_lambda(self,
                         [permission](Lambda& f) { return response_or_error_text(f.permission_add(permission)); });
    });
    core.def("lambda_permission_delete", [](nb::handle self, Value function_name, Value statement_id) {
        return on_lambda(self, [function = text_of(function_name, "function_name"),
                                statement = text_of(statement_id, "statement_id")](Lambda& f) {
            return response_or_error_text(f.permission_delete(function, statement));
        });
    });
    core.def("lambda_policy", [](nb::handle self) { return on_lambda(self, [](Lambda& f) { return f.policy(); }); });
    core.def("lambda_policy_statements", [](nb::handle self, Value index_by, Value group_by) {
        return on_lambda(
            self, [options = list_options(index_by, group_by)](Lambda& f) { return f.policy_statements(options); });
    });
    core.def("lambda_policy_statements_clear", [](nb::handle self) {
        return on_lambda(self, [](Lambda& f) { return f.policy_statements_clear().name; });
    });
}

void add_versions(nb::module_& core) {
    core.def("lambda_publish_version", [](nb::handle self, Value description) {
        return on_lambda(self, [description = text_of(description, "description")](Lambda& f) {
            return f.publish_version(description);
        });
    });
    core.def("lambda_versions", [](nb::handle self, Value index_by, Value group_by) {
        return on_lambda(self, [options = list_options(index_by, group_by)](Lambda& f) { return f.versions(options); });
    });
    core.def("lambda_alias_create",
             [](nb::handle self, Value function_name, Value function_version, Value name, Value description) {
                 const Alias alias{.function_name = text_of(function_name, "function_name"),
                                   .function_version = text_of(function_version, "function_version"),
                                   .name = text_of(name, "name"),
                                   .description = text_of(description, "description")};
                 return on_lambda(self, [alias](Lambda& f) { return response_or_error(f.alias_create(alias)); });
             });
    core.def("lambda_alias", [](nb::handle self, Value function_name, Value name) {
        return on_lambda(self, [function = text_of(function_name, "function_name"), name = text_of(name, "name")](
                                   Lambda& f) { return response_or_error(f.alias(function, name)); });
    });
    core.def("lambda_aliases", [](nb::handle self, Value function_name, Value index_by, Value group_by) {
        return on_lambda(
            self, [function = text_of(function_name, "function_name"),
                   options = list_options(index_by, group_by)](Lambda& f) { return f.aliases(function, options); });
    });
    core.def("lambda_alias_delete", [](nb::handle self, Value function_name, Value name) {
        return on_lambda(self, [function = text_of(function_name, "function_name"), name = text_of(name, "name")](
                                   Lambda& f) { return response_or_error(f.alias_delete(function, name)); });
    });
    core.def("lambda_event_source_create", [](nb::handle self, Value event_source_arn, Value function_name,
                                              Value batch_size, Value window_s, Value response_types, Value criteria,
                                              Value scaling, Value enabled, Value starting_position) {
        Event_Source source{
            .event_source_arn = text_of(event_source_arn, "event_source_arn"),
            .function_name = text_of(function_name, "function_name"),
            .batch_size = number_or_none(batch_size, "batch_size"),
            .maximum_batching_window_in_seconds = number_or_none(window_s, "maximum_batching_window_in_seconds"),
            .function_response_types = texts_of(response_types, "function_response_types"),
            .filter_criteria = json_of(criteria),
            .scaling_config = json_of(scaling),
            .enabled = flag_or_none(enabled, "enabled"),
            .starting_position = text_of(starting_position, "starting_position")};
        return on_lambda(
            self, [source = std::move(source)](Lambda& f) { return response_or_error(f.event_source_create(source)); });
    });
    core.def("lambda_event_sources", [](nb::handle self, Value index_by, Value group_by) {
        return on_lambda(self,
                         [options = list_options(index_by, group_by)](Lambda& f) { return f.event_sources(options); });
    });
    core.def("lambda_event_source_delete", [](nb::handle self, Value uuid) {
        return on_lambda(self, [uuid = text_of(uuid, "event_source_uuid")](Lambda& f) {
            return response_or_error(f.event_source_delete(uuid));
        });
    });
}

}  // namespace

void add_lambda(nb::module_& core) {
    add_lifecycle(core);
    add_invokes(core);
    add_queries(core);
    add_urls(core);
    add_permissions(core);
    add_versions(core);
}

}  // namespace osbot_aws::python
