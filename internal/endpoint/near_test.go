package endpoint

import "testing"

func TestNearRegion(t *testing.T) {
	for id, want := range map[string]string{
		"cn-hangzou": "cn-hangzhou", "cn-hangzhuo": "cn-hangzhou", "cn-hangzhouu": "cn-hangzhou",
		"cn-hangzhoi": "cn-hangzhou",
		"nc-hangzhou": "cn-hangzhou", "cnhangzhou": "cn-hangzhou", "hangzhou": "cn-hangzhou", "beijing": "cn-beijing",
		"cn-shenzen": "cn-shenzhen", "cn-beijng": "cn-beijing", "cn-hongkon": "cn-hongkong", "cn-zhanjakou": "cn-zhangjiakou",
		"cn-huhehot": "cn-huhehaote", "rg-china-maindland": "rg-china-mainland", "ap-southest-1": "ap-southeast-1",
		"ap-southeast1": "ap-southeast-1", "eu-centarl-1": "eu-central-1", "us-wets-1": "us-west-1",
		"me-centrl-1": "me-central-1",
		"sa-eats-1":   "sa-east-1", "cn-shanghai-fnance-1": "cn-shanghai-finance-1",

		// Known, far from all, or the name of another place.
		"cn-hangzhou": "", "eu-west-1": "", "cn-hangzhou-finance": "", "rus-west-1": "", "me-central-1": "", "sa-east-1": "",
		"xx-new-9": "", "a": "", "": "", "cn": "", "cb-f8z7yvzgwfkl9q0h": "", "us-southeast-1": "", "cn-hangzo": "",
		"ap-southeast-9": "", "eu-west-3": "", "us-west-2": "", "cn-hangzhou-2": "", "af-south-1": "", "ca-east-1": "",
		"us-west":      "",
		"cn-zhengzhou": "", "cn-wulanchabu-acdr-1": "",
		// Equally near to two, cn-hangzhou and cn-guangzhou.
		"cn-huangzhou": "",
	} {
		t.Run(id, func(t *testing.T) {
			if got := NearRegion(id); got != want {
				t.Errorf("%q: %q, want %q", id, got, want)
			}
		})
	}
}

func TestIsWithin(t *testing.T) {
	for pair, want := range map[[2]string]int{
		{"", ""}: 0, {"", "abc"}: 3, {"abc", ""}: 3, {"abc", "abc"}: 0, {"abc", "abd"}: 1, {"abc", "ac"}: 1, {"ac", "abc"}: 1,
		{"abc", "acb"}: 1, {"abc", "bca"}: 2, {"ca", "abc"}: 3, {"kitten", "sitting"}: 3,
	} {
		t.Run(pair[0]+" "+pair[1], func(t *testing.T) {
			for n := range 5 {
				if got := isWithin(n, pair[0], pair[1]); got != (want <= n) {
					t.Errorf("%q within %d edits: %v, want %d", pair, n, got, want)
				}
			}
		})
	}
}
