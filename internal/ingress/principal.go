package ingress

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// maxPrincipal is the longest name that is kept of a caller, in characters.
const maxPrincipal = 256

// gatewayAuthorizer is what is looked at of who signed a request: IAM's principal, or the subject of a JWT.
type gatewayAuthorizer struct {
	IAM *struct {
		UserARN string `json:"userArn"`
	} `json:"iam"`
	JWT *struct {
		Claims struct {
			Subject any `json:"sub"`
		} `json:"claims"`
	} `json:"jwt"`
}

func (a *gatewayAuthorizer) description() *events.APIGatewayV2HTTPRequestContextAuthorizerDescription {
	if a == nil {
		return nil
	}
	d := &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{}
	if a.IAM != nil {
		d.IAM = &events.APIGatewayV2HTTPRequestContextAuthorizerIAMDescription{UserARN: a.IAM.UserARN}
	}
	if a.JWT != nil {
		subject, _ := a.JWT.Claims.Subject.(string)
		d.JWT = &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{"sub": subject}}
	}
	return d
}

// principal names the caller as the journal keeps it: IAM's ARN without the session's name, which is a person's as often as
// not, or the JWT's subject. It is empty for a request that nobody signed.
func principal(a *events.APIGatewayV2HTTPRequestContextAuthorizerDescription) string {
	switch {
	case a == nil:
		return ""
	case a.IAM != nil && a.IAM.UserARN != "":
		return impersonal(withoutSession(a.IAM.UserARN))
	case a.JWT != nil:
		return impersonal(a.JWT.Claims["sub"])
	}
	return ""
}

// withoutSession cuts the session's name off arn:aws:sts::1:assumed-role/role/session and federated-user/session.
func withoutSession(arn string) string {
	for _, kind := range []string{":assumed-role/", ":federated-user/"} {
		before, rest, found := strings.Cut(arn, kind)
		if !found {
			continue
		}
		name, _, _ := strings.Cut(rest, "/")
		if kind == ":federated-user/" {
			return before + ":federated-user"
		}
		return before + kind + name
	}
	return arn
}

var address = regexp.MustCompile(`[^/|:\s]+@[^/|:\s]+\.[^/|:\s]+`)

// impersonal puts a hash in the place of an e-mail address, and of a name that is too long or no plain text: the same caller
// has the same one, and nobody can be read from it (I9).
func impersonal(name string) string {
	if name == "" {
		return ""
	}
	if !visibleASCII(name, maxPrincipal) {
		return hashed(name)
	}
	return address.ReplaceAllStringFunc(name, hashed)
}

func hashed(name string) string {
	sum := sha256.Sum256([]byte("iade actor\x00" + name))
	return "sha256:" + hex.EncodeToString(sum[:8])
}
