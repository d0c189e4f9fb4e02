/// Asked right before each push, and before each request that changes something at a forge; throws where whoever delivers may
/// not do so any more.
package typealias Fence = @Sendable () throws -> Void
