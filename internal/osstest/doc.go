// Package osstest is a stand-in for Alibaba Cloud OSS that runs on loopback and verifies presigned
// URLs of signature version 4 from the wire: from the request line, the Host and the headers as
// they arrived.
//
// It imports no other package of this module and contains an implementation of the signature of its
// own, so that a mistake in the provider's signer cannot agree with itself here. What it answers
// follows the project's specification of the service: statuses, XML bodies, EC codes, headers. If
// the service's answer is not established, a comment beside the choice has the mark [?]. Nothing
// here has been compared with the live service.
//
// The order of checks is a choice too [?]: host and bucket, form of the query, time, scope, access
// key and token, signature, permission, then the operation's own parameters and the object. Tests
// should break one thing at a time.
//
// It models GET, HEAD, PUT and DELETE of one object by a V4 presigned URL, ListObjectsV2 by one,
// versions, delete markers, ranges, conditions, response overrides, storage classes, custom
// domains, the hosts of every endpoint type, redirects of missing objects, and refusals by key,
// action, bucket or object. It does not model signatures in the Authorization header, V1 and V2
// signatures, public buckets, sub-resources (?acl, ?uploads, …: answered 501), listings with a
// delimiter or with owners (501), image processing (the object comes back unprocessed), callbacks,
// IP conditions (x-oss-ac-*), encryption.
package osstest
