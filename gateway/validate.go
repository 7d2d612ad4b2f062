package gateway

import (
	"errors"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"backline/gateway/limit"
	"backline/gateway/overlap"
)

// validation checks documents against the schema, with the rules of the specification.
type validation struct {
	schema    *ast.Schema
	plain     []core.Rule
	hints     []core.Rule // the same, with suggestions; nil: there are none
	maxErrors int
}

// newValidation makes the rules. Suggestions help to find out the schema, so they are for
// development alone.
func newValidation(schema *ast.Schema, suggest bool, maxErrors int) validation {
	v := validation{schema: schema, maxErrors: maxErrors, plain: append(commonRules(),
		rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
		rules.KnownArgumentNamesRuleWithoutSuggestions,
		rules.KnownTypeNamesRuleWithoutSuggestions,
		rules.ScalarLeafsRuleWithoutSuggestions,
		rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
	)}
	if suggest {
		v.hints = append(commonRules(),
			rules.FieldsOnCorrectTypeRule,
			rules.KnownArgumentNamesRule,
			rules.KnownTypeNamesRule,
			rules.ScalarLeafsRule,
			rules.ValuesOfCorrectTypeRule,
		)
	}
	return v
}

// commonRules are the rules that suggest nothing. Of gqlparser's default rules one is another:
// overlapping fields are found in linear time.
func commonRules() []core.Rule {
	return []core.Rule{
		rules.FragmentsOnCompositeTypesRule,
		rules.KnownDirectivesRule,
		rules.KnownFragmentNamesRule,
		rules.KnownRootTypeRule,
		rules.LoneAnonymousOperationRule,
		rules.MaxIntrospectionDepth,
		rules.NoFragmentCyclesRule,
		rules.NoUndefinedVariablesRule,
		rules.NoUnusedFragmentsRule,
		rules.NoUnusedVariablesRule,
		overlap.Rule(),
		rules.PossibleFragmentSpreadsRule,
		rules.ProvidedRequiredArgumentsRule,
		rules.SingleFieldSubscriptionsRule,
		rules.UniqueArgumentNamesRule,
		rules.UniqueDirectivesPerLocationRule,
		rules.UniqueFragmentNamesRule,
		rules.UniqueInputFieldNamesRule,
		rules.UniqueOperationNamesRule,
		rules.UniqueVariableNamesRule,
		rules.VariablesAreInputTypesRule,
		rules.VariablesInAllowedPositionRule,
	}
}

// check finds what is wrong with a document, as far as an answer tells it. Suggestions compare each
// name with all there are: they are made for as few mistakes as an answer tells, and for short names.
func (v validation) check(doc *ast.QueryDocument) gqlerror.List {
	errs, all := v.apply(v.plain, doc)
	if len(errs) > 0 && all && v.hints != nil && !anyClipped(errs) {
		errs, _ = v.apply(v.hints, doc)
	}
	return errs
}

// apply walks a document with rules. Mistakes that no answer tells are not put into words.
func (v validation) apply(list []core.Rule, doc *ast.QueryDocument) (errs gqlerror.List, all bool) {
	events := &core.Events{}
	all = true
	for _, rule := range list {
		rule.RuleFunc(events, func(options ...core.ErrorOption) {
			if len(errs) >= v.maxErrors {
				all = false
				return
			}
			err := coded(CodeValidationFailed, "")
			err.Rule = rule.Name
			if rule.Name == rules.MaxIntrospectionDepth.Name {
				err.Extensions["code"] = limit.CodeDepth
			}
			for _, o := range options {
				o(err)
			}
			if strings.HasPrefix(rule.Name, rules.ValuesOfCorrectTypeRule.Name) {
				err.Message = withoutValues(err.Message)
			}
			err.Message = clipped(err.Message)
			errs = append(errs, err)
		})
	}
	core.Walk(v.schema, doc, events)
	return errs, all
}

// anyClipped reports whether a name is longer than any that a hint could help with.
func anyClipped(list gqlerror.List) bool {
	return slices.ContainsFunc(list, func(e *gqlerror.Error) bool { return len(e.Message) > maxMessage })
}

// unparsed is the answer to a text that is not GraphQL.
func unparsed(err error) gqlerror.List {
	out := coded(CodeParseFailed, withoutTokens(err.Error()))
	if ge, ok := errors.AsType[*gqlerror.Error](err); ok {
		out.Message, out.Locations = withoutTokens(ge.Message), ge.Locations
	}
	return gqlerror.List{out}
}
