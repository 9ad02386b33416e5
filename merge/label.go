package merge

// Label returns what people call the field at a path; empty where the rules do not say, and for the record as a whole.
func (r *Rules) Label(path string) string {
	if path == "" {
		return ""
	}
	if rule := r.at(path); rule != nil {
		return rule.Label
	}
	return ""
}

// Unit returns what a number at a path is in, as in EUR; empty where the rules do not say.
func (r *Rules) Unit(path string) string {
	if rule := r.at(path); rule != nil {
		return rule.Unit
	}
	return ""
}

// Enum returns the only values that the field at a path may have; nil where the rules do not say.
func (r *Rules) Enum(path string) []Value {
	if rule := r.at(path); rule != nil {
		return rule.Enum
	}
	return nil
}
