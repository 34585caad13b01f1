// Command signone signs one URL and ends: the least that a program can do which the external data source starts for every URL, for
// the bench program.
package main

import (
	"fmt"
	"log"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

func main() {
	url, _, err := signer.Presign(signer.Request{
		Method: "GET", Scheme: "https", Host: "examplebucket.oss-cn-hangzhou.aliyuncs.com", Region: "cn-hangzhou", Bucket: "examplebucket",
		Key: "agent/releases/2026/agent-000001.tar.gz", Expires: 3600,
	}, signer.NewCredentials("LTAI5tExampleKeyId000001", "example-secret-of-the-bench-0001", ""), time.Now())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("{\"url\":%q}\n", url)
}
