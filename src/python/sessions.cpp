#include "python/sessions.hpp"

#include "sdk/session_impl.hpp"

namespace osbot_aws::python {

/// Returns an idle session or creates one. first_ is never lent: new sessions are created from it under the mutex.
Session Sessions::take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return first_.for_another_thread();
    Session session = std::move(idle_.back());
    idle_.pop_back();
    return session;
}

void Sessions::give_back(Session session) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(session));
}

std::shared_ptr<Sessions> sessions_of(nb::handle object) {
    return nb::cast<const Python_Session&>(attribute_of(object, "_sessions")).sessions;
}

namespace {

Python_Session python_session(Session session) { return {std::make_shared<Sessions>(std::move(session))}; }

Python_Session session_of_settings(nb::handle settings) {
    return python_session(Session({.endpoint_url = text(settings, "endpoint_url"),
                                   .region_name = text(settings, "region_name"),
                                   .aws_access_key_id = text(settings, "aws_access_key_id"),
                                   .aws_secret_access_key = text(settings, "aws_secret_access_key"),
                                   .aws_session_token = text(settings, "aws_session_token"),
                                   .profile_name = text(settings, "profile_name")}));
}

/// Runs `call` with one of the sessions and returns its result. The first call resolves the target.
template <class Call>
auto call_with_session(const Python_Session& python, Call call) {
    return run_as_job([sessions = python.sessions, call] { return call(Sessions::Lease(sessions).session()); });
}

/// Returns the session's explicit settings under boto3's names. Used to create boto3 clients.
Json settings_of(const Session& session) {
    const Session_Kwargs_Lambda& settings = impl_of(session).settings;
    Json result = Json::object();
    for (const auto& [name, value] : {std::pair{"endpoint_url", settings.endpoint_url},
                                      {"aws_access_key_id", settings.aws_access_key_id},
                                      {"aws_secret_access_key", settings.aws_secret_access_key},
                                      {"aws_session_token", settings.aws_session_token},
                                      {"profile_name", settings.profile_name}})
        if (!value.empty()) result[name] = value;
    return result;
}

}  // namespace

void add_sessions(nb::module_& core) {
    using Python = Python_Session;
    nb::class_<Python>(core, "Session")
        .def_static("of", &session_of_settings)
        .def_static("in_memory", [] { return python_session(Session::in_memory()); })
        .def_static("for_tests", [] { return python_session(Session::for_tests()); })
        .def("target",
             [](const Python& python) {
                 return to_python(call_with_session(python, [](const Session& s) { return s.target(); }));
             })
        .def("endpoint_url",
             [](const Python& python) {
                 return or_none(call_with_session(python, [](const Session& s) { return s.endpoint_url(); }));
             })
        .def("settings", [](const Python& python) { return to_python(call_with_session(python, &settings_of)); })
        .def("region",
             [](const Python& python) {
                 return to_python(call_with_session(python, [](const Session& s) { return s.region(); }));
             })
        .def("account_id",
             [](const Python& python) {
                 return to_python(call_with_session(python, [](const Session& s) { return impl_of(s).account_id(); }));
             })
        .def("is_local", [](const Python& python) {
            return call_with_session(python, [](const Session& s) { return s.is_local(); });
        });
}

}  // namespace osbot_aws::python
