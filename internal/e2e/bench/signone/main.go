// Command signone signs the URL of one key and ends, by the protocol of the external data source: the least that a program can do
// which is started for every URL, for the bench program.
package main

import (
	"encoding/json"
	"log"
	"os"
	"time"

	"github.com/alioss/terraform-provider-alioss/internal/signer"
)

func main() {
	var query struct {
		Key string `json:"key"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&query); err != nil {
		log.Fatal(err)
	}
	url, _, err := signer.Presign(signer.Request{
		Method: "GET", Scheme: "https", Host: "examplebucket.oss-cn-hangzhou.aliyuncs.com", Region: "cn-hangzhou", Bucket: "examplebucket",
		Key: query.Key, Expires: 3600,
	}, signer.NewCredentials("LTAI5tExampleKeyId000001", "example-secret-of-the-bench-0001", ""), time.Now())
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{"url": url}); err != nil {
		log.Fatal(err)
	}
}
