"""Judges TOML files by JSON Schemas: validate_schema.py CASES.json COUNT

CASES.json is a list of {"toml": file, "schema": file, "valid": expected}. Exits with 1 and says
which, where one is judged otherwise or not COUNT were judged.
"""

import json
import sys
import tomllib

import jsonschema


def main():
    with open(sys.argv[1], "rb") as file:
        cases = json.load(file)
    validators = {}
    wrong = 0
    for case in cases:
        path = case["schema"]
        if path not in validators:
            with open(path, "rb") as file:
                schema = json.load(file)
            jsonschema.Draft7Validator.check_schema(schema)
            validators[path] = jsonschema.Draft7Validator(schema)
        with open(case["toml"], "rb") as file:
            text = file.read()
        errors = list(validators[path].iter_errors(tomllib.loads(text.decode())))
        if (not errors) != case["valid"]:
            wrong += 1
            print(case["toml"], "by", path, text.decode().splitlines()[0])
            for error in errors:
                best = jsonschema.exceptions.best_match([error])
                print("  ", list(best.absolute_path), best.message[:200])
    print(f"{len(cases)} judged, {wrong} not as expected")
    return 1 if wrong or len(cases) != int(sys.argv[2]) else 0


sys.exit(main())
