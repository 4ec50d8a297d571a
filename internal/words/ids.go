package words

import "strings"

// PathOf is where the API shows an operation, by the id's first letters; "" for what is no operation's id.
func PathOf(id string) string {
	for prefix, path := range map[string]string{"rf_": "/refunds/", "cn_": "/cancels/", "rv_": "/reversals/", "fp_": "/fund-payments/"} {
		if strings.HasPrefix(id, prefix) && isID(id) {
			return path + id
		}
	}
	return ""
}

// isID tells whether a text may be an operation's id: it goes into a path as it is.
func isID(s string) bool {
	return len(s) <= 64 && len(s) > 3 && s[2] == '_' && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_'
	})
}
