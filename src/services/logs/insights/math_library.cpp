#include "services/logs/insights/math_library.hpp"

#include <dlfcn.h>

#include <limits>

#include "base/log.hpp"

namespace osbot_aws::services {
namespace {

double no_result(double /*unused*/) { return std::numeric_limits<double>::quiet_NaN(); }
double no_result(double /*unused*/, double /*unused*/) { return std::numeric_limits<double>::quiet_NaN(); }

struct Math_Library {
    double (*power)(double, double) = &no_result;
    double (*remainder)(double, double) = &no_result;
    double (*logarithm)(double) = &no_result;

    Math_Library() {
        void* const library = ::dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) {
            base::log_warning("queries of logs cannot compute powers, logarithms and remainders: {}", ::dlerror());
            return;
        }
        find(library, power, "pow");
        find(library, remainder, "fmod");
        find(library, logarithm, "log");
    }

    template <class Function>
    static void find(void* library, Function& function, const char* name) {
        if (void* found = ::dlsym(library, name)) function = reinterpret_cast<Function>(found);
    }
};

const Math_Library& math() {
    static const Math_Library library;
    return library;
}

}  // namespace

double power(double base, double exponent) { return math().power(base, exponent); }
double remainder_of(double dividend, double divisor) { return math().remainder(dividend, divisor); }
double logarithm(double x) { return math().logarithm(x); }

}  // namespace osbot_aws::services
