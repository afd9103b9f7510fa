//! The help of every command, as people see it. `TRYCMD=overwrite cargo test -p midjourney-imagine-cli --test mj help` writes
//! it anew.

#[test]
fn help_is_as_it_was() {
    trycmd::TestCases::new()
        .env("COLUMNS", "100")
        .env("ACEDATACLOUD_API_TOKEN", "")
        .env("MJ_EMULATOR_STATE", "")
        .case("tests/help/*.trycmd");
}
