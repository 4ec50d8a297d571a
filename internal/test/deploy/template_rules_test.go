package deploy_test

import (
	"slices"
	"strings"
	"testing"
)

// withDomain gives the API a domain of its own.
var withDomain = map[string]string{
	"DomainName": "refunds.example.com", "CertificateArn": "arn:aws:acm:eu-central-1:123456789012:certificate/c", "HostedZoneId": "Z1", "DisableExecuteApiEndpoint": "true",
}

// TestTheTemplateRefusesSettingsThatDoNotGoTogether, before CloudFormation changes anything.
func TestTheTemplateRefusesSettingsThatDoNotGoTogether(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		parameters map[string]string
		says       string // how what is refused begins; empty = it is taken
	}{
		"nothing set":               {nil, ""},
		"everything":                {everything, ""},
		"a domain":                  {withDomain, ""},
		"a domain without a zone":   {map[string]string{"DomainName": "refunds.example.com", "CertificateArn": withDomain["CertificateArn"]}, ""},
		"a domain, no certificate":  {map[string]string{"DomainName": "refunds.example.com"}, "DomainName and CertificateArn are needed together"},
		"a certificate alone":       {map[string]string{"CertificateArn": withDomain["CertificateArn"]}, "DomainName and CertificateArn are needed together"},
		"a zone alone":              {map[string]string{"HostedZoneId": "Z1"}, "DomainName and CertificateArn are needed together"},
		"two domains":               {map[string]string{"DomainName": "a.example", "CertificateArn": withDomain["CertificateArn"], "PublicBaseUrl": "https://b.example"}, "DomainName and PublicBaseUrl exclude"},
		"no way in":                 {map[string]string{"DisableExecuteApiEndpoint": "true"}, "DisableExecuteApiEndpoint needs"},
		"another's way in":          {map[string]string{"DisableExecuteApiEndpoint": "true", "PublicBaseUrl": "https://refunds.example.com"}, ""},
		"a table, no stream":        {map[string]string{"ExistingTable": "kept"}, "ExistingTable needs ExistingTableStreamArn"},
		"a stream, no table":        {map[string]string{"ExistingTableStreamArn": everything["ExistingTableStreamArn"]}, "ExistingTableStreamArn needs ExistingTable"},
		"subnets, no groups":        {map[string]string{"VpcSubnetIds": "subnet-1,subnet-2"}, "VpcSubnetIds needs VpcSecurityGroupIds"},
		"groups, no subnets":        {map[string]string{"VpcSecurityGroupIds": "sg-1"}, "VpcSecurityGroupIds needs VpcSubnetIds"},
		"tokens of every audience":  {map[string]string{"JwtIssuer": "https://issuer.example.com"}, "JwtIssuer needs JwtAudience"},
		"tokens of one audience":    {map[string]string{"JwtIssuer": "https://issuer.example.com", "JwtAudience": "shop"}, ""},
		"a network with all of its": {map[string]string{"VpcSubnetIds": "subnet-1", "VpcSecurityGroupIds": "sg-1"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said := refusals(t, x.parameters)
			if x.says == "" && len(said) > 0 || x.says != "" && !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, x.says) }) {
				t.Errorf("%q", said)
			}
		})
	}
}

// TestADomainLeadsToTheAPI, and is where customers' browsers are sent back to.
func TestADomainLeadsToTheAPI(t *testing.T) {
	t.Parallel()
	d := deploy(t, withDomain)
	if mapping := d.properties("DomainMapping"); mapping["ApiId"] != "Api" || mapping["DomainName"] != "Domain" || mapping["Stage"] != "Stage" {
		t.Errorf("%v", mapping)
	}
	if record := d.properties("DomainRecord"); record["Name"] != "refunds.example.com" || record["AliasTarget"].(object)["DNSName"] != "Domain.RegionalDomainName" {
		t.Errorf("%v", record)
	}
	if url := settingsOf(t, d, "RefundFunction")["PUBLIC_BASE_URL"]; url != "https://refunds.example.com" || d.outputs["ApiUrl"].(object)["Value"] != url {
		t.Errorf("PUBLIC_BASE_URL is %s, ApiUrl %v", url, d.outputs["ApiUrl"])
	}
	for _, id := range []string{"Domain", "DomainMapping", "DomainRecord"} {
		if deploy(t, everything).resources[id] != nil {
			t.Errorf("%s is there without DomainName", id)
		}
	}
}
