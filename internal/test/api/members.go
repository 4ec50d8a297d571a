package api

import (
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Members adds the paths of a schema's members that hold no others, such as buyer.zipCode and basketItems[].price.
func Members(schema *openapi3.SchemaRef, path string, found map[string]bool) {
	switch {
	case schema.Value.Items != nil:
		Members(schema.Value.Items, path+"[]", found)
	case len(schema.Value.Properties) > 0:
		for name, member := range schema.Value.Properties {
			Members(member, strings.TrimPrefix(path+"."+name, "."), found)
		}
	default:
		found[path] = true
	}
}
