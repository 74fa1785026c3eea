#include "runtime/failure.hpp"

#include <cxxabi.h>
#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <string_view>
#include <typeinfo>

namespace osbot_aws::runtime {
namespace {

constexpr int causes_max = 10;  // of one exception, in case that exceptions are nested in a loop

std::string type_name(const std::type_info& type) {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> plain(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                       std::free);
    std::string_view name = status == 0 ? plain.get() : type.name();
    // std::throw_with_nested throws an object of this type, which derives from the type in the program.
    if (constexpr std::string_view wrapper = "std::_Nested_exception<"; name.starts_with(wrapper)) {
        name.remove_prefix(wrapper.size());
        name.remove_suffix(name.ends_with('>') ? 1 : 0);
    }
    return std::string(name);
}

/// Describes a thrown object that is not a std::exception.
Failure of_other_object(std::string_view text) {
    const std::type_info* type = abi::__cxa_current_exception_type();
    const std::string name = type != nullptr ? type_name(*type) : "unknown";
    return {name, fmt::format("{}{}the handler threw an object of type {}, which is not a std::exception", text,
                              text.empty() ? "" : ": ", name)};
}

Failure describe(int causes_left);

std::string with_causes(const std::exception& error, int causes_left) {
    try {
        std::rethrow_if_nested(error);
    } catch (...) {
        if (causes_left == 0) return fmt::format("{}; caused by more than {} exceptions", error.what(), causes_max);
        const Failure cause = describe(causes_left - 1);
        return fmt::format("{}; caused by {}: {}", error.what(), cause.type, cause.message);
    }
    return error.what();
}

Failure describe(int causes_left) {
    try {
        throw;
    } catch (const Lambda_Error& error) { return {error.type(), error.what()}; } catch (const std::exception& error) {
        return {type_name(typeid(error)), with_causes(error, causes_left)};
    } catch (const std::string& text) { return of_other_object(text); } catch (const char* text) {
        return of_other_object(text != nullptr ? text : "");
    } catch (int number) { return of_other_object(std::to_string(number)); } catch (...) {
        return of_other_object("");
    }
}

}  // namespace

Failure current_failure() { return describe(causes_max); }

}  // namespace osbot_aws::runtime
