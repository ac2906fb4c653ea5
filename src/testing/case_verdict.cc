#include <tidings/testing/case_verdict.h>

#include <ostream>

namespace tidings {

std::ostream& operator<<(std::ostream& out, const CaseVerdict& verdict) {
    return out << (verdict ? "as expected" : verdict.difference());
}

}  // namespace tidings
