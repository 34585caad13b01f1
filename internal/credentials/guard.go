package credentials

import "errors"

// errPanic says that a library gave up.
var errPanic = errors.New("the library that reads it failed")

// guarded calls a library, and turns a panic of it into an error.
func guarded(call func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return call()
}
