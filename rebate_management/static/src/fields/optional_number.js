import { registry } from "@web/core/registry";
import { FloatField, floatField } from "@web/views/fields/float/float_field";
import { IntegerField, integerField } from "@web/views/fields/integer/integer_field";
import { MonetaryField, monetaryField } from "@web/views/fields/monetary/monetary_field";

// Numbers of which 0 says that there is none: they are shown empty, and entered by leaving them
// empty. The placeholder says what none means: no limit, at once.

const withPlaceholder = (field, component) => ({
    ...field,
    component,
    extractProps: (params) => ({
        ...field.extractProps(params),
        placeholder: params.placeholder ?? params.attrs.placeholder,
    }),
});

export class OptionalMonetaryField extends MonetaryField {
    static template = "rebate_management.OptionalMonetaryField";
    static props = { ...MonetaryField.props, placeholder: { type: String, optional: true } };

    get formattedValue() {
        return this.value ? super.formattedValue : "";
    }

    get currencySymbol() {
        return this.state.value ? super.currencySymbol : "";
    }
}

export class OptionalFloatField extends FloatField {
    static template = "rebate_management.OptionalFloatField";
    static props = { ...FloatField.props, placeholder: { type: String, optional: true } };

    get formattedValue() {
        return this.value ? super.formattedValue : "";
    }
}

export class OptionalIntegerField extends IntegerField {
    static template = "rebate_management.OptionalIntegerField";
    static props = { ...IntegerField.props, placeholder: { type: String, optional: true } };

    get formattedValue() {
        return this.value ? super.formattedValue : "";
    }
}

const fields = registry.category("fields");
fields.add("rebate_optional_monetary", withPlaceholder(monetaryField, OptionalMonetaryField));
fields.add("rebate_optional_float", withPlaceholder(floatField, OptionalFloatField));
fields.add("rebate_optional_integer", withPlaceholder(integerField, OptionalIntegerField));
