package api

import "strings"

// Leaves adds to found the paths of a JSON value's members that hold no others, below path, as docs/privacy.md writes
// them: buyer.name, basketItems[].price.
func Leaves(value any, path string, found map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			Leaves(member, strings.TrimPrefix(path+"."+name, "."), found)
		}
	case []any:
		for _, item := range v {
			Leaves(item, path+"[]", found)
		}
	default:
		found[path] = true
	}
}
