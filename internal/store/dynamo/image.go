package dynamo

import (
	"errors"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/iade/iade/internal/payment"
)

// Attribute reads one attribute of an item: the text of an S or the bytes of a B. Both are empty for an absent attribute
// and for every other type. It stands between DecodeItem and the packages that each have attribute values of their own.
type Attribute func(name string) (text string, packed []byte)

// DecodeItem reads the account from an item of the table or an image of its stream. It is false without an error for an
// item that is no account (a quota counter, an absent image), and an error for an account that this program cannot read.
func DecodeItem(attribute Attribute) (a payment.Account, ok bool, err error) {
	key, _ := attribute(keyAttr)
	if key == "" || strings.HasPrefix(key, quotaPrefix) {
		return payment.Account{}, false, nil
	}
	plain, packed := attribute(accountAttr)
	data := []byte(plain)
	if len(packed) > 0 {
		if data, err = unpack(packed); err != nil {
			return payment.Account{}, false, err
		}
	}
	if a, err = payment.DecodeAccount(data); err != nil {
		return payment.Account{}, false, err
	}
	if string(a.ID) != key {
		return payment.Account{}, false, errors.New("decode item: the account belongs to another key")
	}
	return a, true, nil
}

// Item reads the SDK's attribute values.
func Item(item map[string]types.AttributeValue) Attribute {
	return func(name string) (string, []byte) {
		switch v := item[name].(type) {
		case *types.AttributeValueMemberS:
			return v.Value, nil
		case *types.AttributeValueMemberB:
			return "", v.Value
		}
		return "", nil
	}
}

// StreamImage reads the attribute values of a Lambda event's image.
func StreamImage(image map[string]events.DynamoDBAttributeValue) Attribute {
	return func(name string) (string, []byte) {
		v, ok := image[name]
		switch {
		case !ok:
		case v.DataType() == events.DataTypeString:
			return v.String(), nil
		case v.DataType() == events.DataTypeBinary:
			return "", v.Binary()
		}
		return "", nil
	}
}
