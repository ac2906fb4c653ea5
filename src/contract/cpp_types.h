#pragma once

#include "contract/contract_file.h"
#include "contract/model_file.h"
#include "contract/schema.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings::contract {

/// The C++ type of a schema, without `std::optional`.
struct CppType {
    enum class Kind { boolean, integer, number, text, money, timestamp, choice, record, list, map };

    Kind kind = Kind::text;
    std::string spelling;  ///< `std::vector<Item>`
    const SchemaNode* schema = nullptr;
    std::shared_ptr<const CppType> element{};  ///< Of a list or map.
    bool element_is_optional = false;
};

struct CppField {
    std::string wire;    ///< `orderId`
    std::string member;  ///< `order_id`
    CppType type;
    bool is_optional = false;  ///< A `std::optional`.
    bool is_required = false;  ///< Must be on the wire.
    std::string initializer;   ///< `{}`, ` = 0`

    std::string declared() const {
        return is_optional ? "std::optional<" + type.spelling + ">" : type.spelling;
    }
};

/// A struct; or the `std::variant` of those that a oneOf names.
struct CppRecord {
    std::string name;
    std::vector<CppField> fields;
    const SchemaNode* schema = nullptr;
    const Contract* contract = nullptr;  ///< If it is an event.
    const Model* model = nullptr;        ///< If it is a model.
    int previous = 0;                    ///< The major version before, of an event that has one.
    bool is_cast_down = false;           ///< It is published as that one, too.
    std::optional<CppField> others{};    ///< What stands beside the properties, a map.
    SchemaPointer others_schema{};       ///< Of that map.
    bool is_array = false;               ///< Its fields are positions of an array.
    /// Of a variant: the types that it holds, each with its text in the discriminator.
    std::vector<std::pair<std::string, std::string>> alternatives{};

    bool is_variant() const { return !alternatives.empty(); }
};

struct CppEnum {
    std::string name;
    const SchemaNode* schema = nullptr;
    std::vector<std::pair<std::string, std::string>> values;  ///< Enumerator, text.
};

/// What becomes one header and one source: a domain's events, or a service's models.
struct CppUnit {
    struct Space {
        int major = 0;  ///< Of the events in it; 0 for models.
        std::vector<CppEnum> enums;
        std::vector<CppRecord> records;  ///< Each after those that it holds.
        std::vector<std::pair<std::string, int>>
            shared;  ///< Types of an earlier major: its number.
    };
    std::string folder;    ///< `contracts` or `models`
    std::string name;      ///< `order`, `order_service`: file and namespace.
    std::string platform;  ///< `shop`
    std::vector<Space> spaces;
    std::set<std::string> domains;  ///< Whose types it refers to.
};

/// Makes the C++ types of all contracts and models, one unit for each domain and service.
std::vector<CppUnit> make_units(const LoadedContracts& loaded, const std::vector<Model>& models,
                                const std::string& platform, std::vector<Diagnostic>& problems);

/// Returns `text` as a C++ string literal.
std::string literal(std::string_view text);

}  // namespace tidings::contract
