#include <tidings/service/host.h>
#include <tidings/service/service.h>
#include <tidings/store/sqlite.h>

#include "service/idempotency.h"

#include <utility>

namespace tidings {

Result<void> Service::make_tables(Store& store) const {
    if (!sagas_.empty()) {
        if (Result<void> made = store.migrate("tidings_saga", saga_migrations()); !made) {
            return made;
        }
    }
    if (Result<void> made = store.migrate("tidings_api", api_migrations()); !made) return made;
    return store.migrate(name_, migrations_);
}

Result<Rehearsal> Service::rehearse(io::World& world, const std::string& data,
                                    const DeadLetterChoice& choice, std::size_t events_max) {
    if (Result<void> ours = check_data_directory(world.files(), data); !ours) {
        return std::move(ours).error();
    }
    // Not beside the services' databases, where it would pass for one.
    const std::string directory = data + "/scratch";
    if (Result<void> made = world.files().make_directory(directory); !made) {
        return std::move(made).error();
    }
    const std::string copy = directory + '/' + name_ + '.' + to_string(world.new_uuid()) + ".db";
    if (Result<void> copied = copy_sqlite(world, data + "/services/" + name_ + ".db", copy);
        !copied) {
        return std::move(copied).error();
    }
    Result<Rehearsal> rehearsal = Rehearsal{};
    auto scratch = open_sqlite(world, copy);
    if (scratch) {
        Result<void> ready = migrate_delivery(**scratch);
        if (ready) ready = make_tables(**scratch);
        rehearsal = ready ? tidings::rehearse(world, **scratch, handlers_, name_, domains_, choice,
                                              events_max)
                          : Result<Rehearsal>{ready.error()};
        (void)(*scratch)->close();
        scratch = Error{};
    } else {
        rehearsal = scratch.error();
    }
    if (Result<void> removed = remove_sqlite(world, copy); !removed && rehearsal) {
        return std::move(removed).error();
    }
    return rehearsal;
}

}  // namespace tidings
