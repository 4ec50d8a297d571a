package main

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// deployment is a stack as CloudFormation describes it.
type deployment struct {
	status              string
	parameters, outputs map[string]string
}

var errNoSuchStack = errors.New("no such stack")

// describe asks for the stack. What an ordinary stack of iade's has stands in its parameters and outputs.
func describe(ctx context.Context, stacks *cloudformation.Client, name string) (*deployment, error) {
	described, err := stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	switch {
	case err != nil && strings.Contains(err.Error(), "does not exist"), err == nil && len(described.Stacks) != 1:
		return nil, errNoSuchStack
	case err != nil:
		return nil, err
	}
	stack := &described.Stacks[0]
	d := &deployment{status: string(stack.StackStatus), parameters: map[string]string{}, outputs: map[string]string{}}
	for _, p := range stack.Parameters {
		d.parameters[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
	}
	for _, o := range stack.Outputs {
		d.outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	return d, nil
}

// newMoneyOff is what both the API and the stack may tell.
var newMoneyOff = text{"new money is switched off: no refund, cancel or payment is sent", "yeni para kapalı: iade, iptal ve ödeme gönderilmiyor"}

// lookAtStack says how the last change of the stack ended, and whether somebody switched new money off.
func (p *patient) lookAtStack(d *deployment) finding {
	const check = "stack"
	switch {
	case strings.HasSuffix(d.status, "_FAILED"):
		return problem(check, filled(text{"the stack is %s: CloudFormation takes no change any more", "yığın %s durumunda: CloudFormation artık değişiklik kabul etmez"}, d.status),
			text{"aws cloudformation continue-update-rollback --stack-name " + p.stack, "aws cloudformation continue-update-rollback --stack-name " + p.stack})
	case strings.Contains(d.status, "ROLLBACK"):
		return problem(check, filled(text{"the stack is %s: the last change was taken back, and what was before runs", "yığın %s durumunda: son değişiklik geri alındı, önceki çalışıyor"}, d.status),
			text{"aws cloudformation describe-stack-events says why; deploy again", "nedenini aws cloudformation describe-stack-events söyler; yeniden kurun"})
	case d.parameters["NewMoney"] == "off":
		return problem(check, newMoneyOff,
			text{"when its reason is gone: ops/new-money.sh " + p.stack + " on", "nedeni ortadan kalkınca: ops/new-money.sh " + p.stack + " on"})
	}
	return fine(check, filled(text{"the stack is %s", "yığın %s durumunda"}, d.status))
}
