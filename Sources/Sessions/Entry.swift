internal import Runtimes

/// What `smelt-exec --enter` does; see `EntryRequest`.
package enum Entry {
    /// Makes the place that the request in the file `path` names and becomes the connection to it.
    package static func enter(_ path: String) throws -> Never {
        try EntryRequest(reading: path).enter()
    }
}
