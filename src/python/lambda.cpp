#include "python/lambda.hpp"

#include <osbot_aws/apis/shell/Shell_Client.hpp>
#include <osbot_aws/aws/lambda_/Lambda_With_Temp_Role.hpp>

#include "python/json_text.hpp"
#include "python/methods.hpp"
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
constexpr auto on_lambda = [](nb::handle self, auto call) {
    return to_python(call_with_lambda(self, std::move(call)));
};

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

/// Adds a method that lists something, with the members of List_Options as parameters.
template <class List>
void add_list(nb::module_& core, const char* name, List list) {
    add_method(
        core, name, on_lambda,
        [list](const Lambda& f, const std::string& index_by, const std::string& group_by) {
            return std::invoke(list, f, List_Options{.index_by = index_by, .group_by = group_by});
        },
        Text{"index_by"}, Text{"group_by"});
}

void add_lifecycle(nb::module_& core) {
    constexpr auto with_all_settings = [](nb::handle self, auto call) { return with_settings(self, std::move(call)); };
    constexpr auto with_role = [](nb::handle self, auto call) {
        return with_settings<Lambda_With_Temp_Role>(self, std::move(call), read_role_settings);
    };
    add_method(core, "lambda_create", with_all_settings, &Lambda::create);
    add_method(core, "lambda_create_with_temp_role", with_role, &Lambda_With_Temp_Role::create);
    add_method(core, "lambda_update_with_temp_role", with_role, &Lambda_With_Temp_Role::update);
    add_method(core, "lambda_temp_role_create", with_role,
               [](Lambda_With_Temp_Role& f) { return f.temp_role_create().role_name(); });
    core.def("lambda_create_kwargs", [](nb::handle self) {
        Lambda function(text(self, "name"));
        read_settings(self, function);
        return to_python(function.create_kwargs());
    });
    add_method(core, "lambda_exists", on_lambda, &Lambda::exists, Text{"function_name"});
    add_method(core, "lambda_delete", on_lambda, &Lambda::delete_, Plain<bool>{});
    add_method(core, "lambda_upload", with_all_settings, &Lambda::upload);
    add_method(core, "lambda_update", with_all_settings, &Lambda::update);
    add_method(core, "lambda_update_code", with_all_settings, &Lambda::update_lambda_code);
    add_method(core, "lambda_update_configuration", with_all_settings, &Lambda::update_lambda_configuration);
    add_method(core, "lambda_configuration_update", on_lambda, &Lambda::configuration_update, Any{});
    add_method(
        core, "lambda_wait_for_state", on_lambda,
        [](Lambda& f, const std::string& state, int count, double interval) {
            return f.wait_for_state(state, {.max_wait_count = count, .wait_interval = in_milliseconds(interval)});
        },
        Text{"state"}, Plain<int>{}, Plain<double>{});
    add_method(
        core, "lambda_wait_for_update", on_lambda,
        [](Lambda& f, int count, double interval) {
            return f.wait_for_function_update_to_complete(
                {.max_wait_count = count, .wait_interval = in_milliseconds(interval)});
        },
        Plain<int>{}, Plain<double>{});
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
    add_method(
        core, "lambda_shell", on_lambda,
        [](const Lambda& f, const std::string& key, const std::string& method, const Json& arguments) {
            return f.shell(key).call(method, arguments);
        },
        Text{"auth_key"}, Text{"method_name"}, Any{});
    add_method(
        core, "lambda_shell_return_logs", on_lambda,
        [](const Lambda& f, const std::string& key, const std::string& code) {
            return f.shell(key).python_exec_return_logs(code);
        },
        Text{"auth_key"}, Text{"code"});
}

void add_queries(nb::module_& core) {
    add_method(core, "lambda_configuration", on_lambda, &Lambda::configuration);
    add_method(core, "lambda_info", on_lambda, &Lambda::info, Text{"function_name"});
    add_method(core, "lambda_function_arn", on_lambda, &Lambda::function_arn);
    add_list(core, "lambda_functions", &Lambda::functions);
    add_method(core, "lambda_functions_names", on_lambda, &Lambda::functions_names);
    add_method(core, "lambda_account_settings", on_lambda, &Lambda::account_settings);
}

void add_urls(nb::module_& core) {
    core.def("lambda_url_create", [](nb::handle self, Value alias, Value auth_type, Value cors, Value invoke_mode) {
        const Function_Url_Options options{.auth_type = text_of(auth_type, "auth_type"),
                                           .invoke_mode = text_of(invoke_mode, "invoke_mode"),
                                           .function_alias = text_of(alias, "function_alias"),
                                           .cors = json_of(cors)};
        return on_lambda(self, [options](Lambda& f) { return f.function_url_create(options); });
    });
    add_method(
        core, "lambda_url_create_with_public_access", on_lambda,
        [](Lambda& f, const std::string& mode) {
            const Status created = f.function_url_create_with_public_access(mode);
            return created.data.is_null() ? created.value() : created.data;
        },
        Text{"invoke_mode"});
    add_method(core, "lambda_url_info", on_lambda, &Lambda::function_url_info, Text{"alias"});
    core.def("lambda_url_update", [](nb::handle self, Value alias, Value auth_type, Value cors, Value invoke_mode) {
        const Function_Url_Changes changes{.auth_type = text_of(auth_type, "auth_type"),
                                           .invoke_mode = text_of(invoke_mode, "invoke_mode"),
                                           .function_alias = text_of(alias, "function_alias"),
                                           .cors = json_of(cors)};
        return on_lambda(self, [changes](Lambda& f) { return f.function_url_update(changes); });
    });
    add_method(core, "lambda_url_delete", on_lambda, &Lambda::function_url_delete, Text{"alias"});
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
    add_method(
        core, "lambda_permission_delete", on_lambda,
        [](Lambda& f, const std::string& function, const std::string& statement) {
            return response_or_error_text(f.permission_delete(function, statement));
        },
        Text{"function_name"}, Text{"statement_id"});
    add_method(core, "lambda_policy", on_lambda, &Lambda::policy);
    add_list(core, "lambda_policy_statements", &Lambda::policy_statements);
    add_method(core, "lambda_policy_statements_clear", on_lambda,
               [](Lambda& f) { return f.policy_statements_clear().name; });
}

void add_versions(nb::module_& core) {
    add_method(core, "lambda_publish_version", on_lambda, &Lambda::publish_version, Text{"description"});
    add_list(core, "lambda_versions", &Lambda::versions);
    add_method(
        core, "lambda_alias_create", on_lambda,
        with_error([](Lambda& f, const std::string& function, const std::string& version, const std::string& name,
                      const std::string& description) {
            return f.alias_create(
                {.function_name = function, .function_version = version, .name = name, .description = description});
        }),
        Text{"function_name"}, Text{"function_version"}, Text{"name"}, Text{"description"});
    add_method(core, "lambda_alias", on_lambda, with_error(&Lambda::alias), Text{"function_name"}, Text{"name"});
    add_method(
        core, "lambda_aliases", on_lambda,
        [](const Lambda& f, const std::string& function, const std::string& index_by, const std::string& group_by) {
            return f.aliases(function, {.index_by = index_by, .group_by = group_by});
        },
        Text{"function_name"}, Text{"index_by"}, Text{"group_by"});
    add_method(core, "lambda_alias_delete", on_lambda, with_error(&Lambda::alias_delete), Text{"function_name"},
               Text{"name"});
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
    add_list(core, "lambda_event_sources", &Lambda::event_sources);
    add_method(core, "lambda_event_source_delete", on_lambda, with_error(&Lambda::event_source_delete),
               Text{"event_source_uuid"});
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
