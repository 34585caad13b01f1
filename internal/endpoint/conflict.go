package endpoint

import (
	"errors"
	"slices"
)

// Conflict returns the error of Resolve for arguments that are each right, but choose a host that
// does not serve the region. It is nil unless Region and one of Domain, Endpoint and Type are set,
// and also if PathStyle would make the host right, since an incomplete Input may still lack it.
func (i Input) Conflict() *Error {
	hosts := slices.DeleteFunc([]string{i.Domain, i.Endpoint, string(i.Type)}, func(s string) bool { return s == "" })
	if len(hosts) != 1 {
		return nil
	}
	_, err := Resolve(i)
	fault, ok := errors.AsType[*Error](err)
	if !ok || !i.isReadable() {
		return nil
	}
	i.PathStyle = true
	if _, err := Resolve(i); err == nil {
		return nil
	}
	return fault
}

// isReadable reports whether none of the arguments has a fault of its own. Of Domain, Endpoint and
// Type one is set, and the others are empty, which is a fault of each.
func (i Input) isReadable() bool {
	_, domain := ParseDomain(i.Domain)
	_, host := ParseEndpoint(i.Endpoint)
	_, kind := ParseType(FieldType, string(i.Type))
	_, region := ParseRegion(i.Region)
	return (domain == nil || host == nil || kind == nil) && region == nil && CheckBucket(i.Bucket) == nil
}
