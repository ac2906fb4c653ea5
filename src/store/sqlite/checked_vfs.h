#pragma once

namespace tidings::sqlite {

/// Returns the name of SQLite's own operating system with checksums for the pages of database files
/// (`PageChecksums`): what the real world's connections use. `WorldVfs` has the same for others.
const char* checked_vfs_name();

}  // namespace tidings::sqlite
