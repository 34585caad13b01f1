// Package transport sends requests for the other packages: it repeats what is worth repeating, bounds
// what comes back, and says in fixed words why no answer came. It knows no service.
//
// What it sends and receives may be secret. No error of this package shows a URL, a header, or text
// that the other side sent.
package transport
