package lockfree

// The compiler inlines the methods of the aliases in internal/atomic only where
// sync/atomic itself is imported; without this every load would be a call.
import _ "sync/atomic"
