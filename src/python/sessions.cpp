#include "python/sessions.hpp"

#include "sdk/session_impl.hpp"

namespace osbot_aws::python {

/// The first is never lent: the others are made from it, one thread at a time.
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

Python_Session made(Session session) { return {std::make_shared<Sessions>(std::move(session))}; }

Python_Session of_settings(nb::handle settings) {
    return made(Session({.endpoint_url = text(settings, "endpoint_url"),
                         .region_name = text(settings, "region_name"),
                         .aws_access_key_id = text(settings, "aws_access_key_id"),
                         .aws_secret_access_key = text(settings, "aws_secret_access_key"),
                         .aws_session_token = text(settings, "aws_session_token"),
                         .profile_name = text(settings, "profile_name")}));
}

/// What `ask` answers of the session, which finds its target out at the first call.
template <class Ask>
auto asked(const Python_Session& python, Ask ask) {
    return waiting([sessions = python.sessions, ask] { return ask(Sessions::Lease(sessions).session()); });
}

/// What the session was made of, by boto3's names, which a client of boto3 needs as well.
Json settings_given(const Session& session) {
    const Session_Kwargs_Lambda& given = session.impl().settings;
    Json settings = Json::object();
    for (const auto& [name, value] : {std::pair{"endpoint_url", given.endpoint_url},
                                      {"aws_access_key_id", given.aws_access_key_id},
                                      {"aws_secret_access_key", given.aws_secret_access_key},
                                      {"aws_session_token", given.aws_session_token},
                                      {"profile_name", given.profile_name}})
        if (!value.empty()) settings[name] = value;
    return settings;
}

}  // namespace

void add_sessions(nb::module_& core) {
    using Python = Python_Session;
    nb::class_<Python>(core, "Session")
        .def_static("of", &of_settings)
        .def_static("in_memory", [] { return made(Session::in_memory()); })
        .def_static("for_tests", [] { return made(Session::for_tests()); })
        .def("target",
             [](const Python& python) { return to_python(asked(python, [](const Session& s) { return s.target(); })); })
        .def("endpoint_url",
             [](const Python& python) {
                 return or_none(asked(python, [](const Session& s) { return s.endpoint_url(); }));
             })
        .def("settings_given", [](const Python& python) { return to_python(asked(python, &settings_given)); })
        .def("region",
             [](const Python& python) { return to_python(asked(python, [](const Session& s) { return s.region(); })); })
        .def("account_id",
             [](const Python& python) {
                 return to_python(asked(python, [](const Session& s) { return s.impl().account_id(); }));
             })
        .def("is_local",
             [](const Python& python) { return asked(python, [](const Session& s) { return s.is_local(); }); });
}

}  // namespace osbot_aws::python
