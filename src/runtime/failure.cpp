#include "runtime/failure.hpp"

#include <cxxabi.h>
#include <fmt/format.h>

#include <exception>
#include <string_view>
#include <typeinfo>

#include "runtime/type_name.hpp"

namespace osbot_aws::runtime {
namespace {

constexpr int causes_max = 10;  // of one exception, in case that exceptions are nested in a loop

/// std::throw_with_nested throws an object of a type that derives from the type in the program.
std::string thrown_type(const std::type_info& type) {
    constexpr std::string_view wrapper = "std::_Nested_exception<";
    std::string name = type_name(type);
    if (!name.starts_with(wrapper)) return name;
    name.erase(0, wrapper.size());
    if (name.ends_with('>')) name.pop_back();
    if (name.ends_with(' ')) name.pop_back();  // `> >`
    return name;
}

/// Describes a thrown object that is not a std::exception.
Failure of_other_object(std::string_view text) {
    const std::type_info* type = abi::__cxa_current_exception_type();
    const std::string name = type != nullptr ? thrown_type(*type) : "unknown";
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
        return {thrown_type(typeid(error)), with_causes(error, causes_left)};
    } catch (const std::string& text) { return of_other_object(text); } catch (const char* text) {
        return of_other_object(text != nullptr ? text : "");
    } catch (int number) { return of_other_object(std::to_string(number)); } catch (...) {
        return of_other_object("");
    }
}

}  // namespace

Failure current_failure() { return describe(causes_max); }

}  // namespace osbot_aws::runtime
