<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis styleCategories="Symbology|Labeling|Fields|Forms" version="3.22.16-Białowieża">
  <renderer-v2 referencescale="-1" forceraster="0" type="singleSymbol" symbollevels="0" enableorderby="0">
    <symbols>
      <symbol clip_to_extent="1" force_rhr="0" type="fill" alpha="1" name="0">
        <data_defined_properties>
          <Option type="Map">
            <Option type="QString" value="" name="name" />
            <Option name="properties" />
            <Option type="QString" value="collection" name="type" />
          </Option>
        </data_defined_properties>
        <layer enabled="1" class="SimpleFill" pass="0" locked="0">
          <Option type="Map">
            <Option type="QString" value="3x:0,0,0,0,0,0" name="border_width_map_unit_scale" />
            <Option type="QString" value="0,0,255,255" name="color" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="255,255,255,200" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="1" name="outline_width" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="no" name="style" />
          </Option>
          <prop v="3x:0,0,0,0,0,0" k="border_width_map_unit_scale" />
          <prop v="0,0,255,255" k="color" />
          <prop v="bevel" k="joinstyle" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="255,255,255,200" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="1" k="outline_width" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="no" k="style" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
        <layer enabled="1" class="SimpleFill" pass="0" locked="0">
          <Option type="Map">
            <Option type="QString" value="3x:0,0,0,0,0,0" name="border_width_map_unit_scale" />
            <Option type="QString" value="0,0,255,255" name="color" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="29,37,48,255" name="outline_color" />
            <Option type="QString" value="dash dot" name="outline_style" />
            <Option type="QString" value="0.5" name="outline_width" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="no" name="style" />
          </Option>
          <prop v="3x:0,0,0,0,0,0" k="border_width_map_unit_scale" />
          <prop v="0,0,255,255" k="color" />
          <prop v="bevel" k="joinstyle" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="29,37,48,255" k="outline_color" />
          <prop v="dash dot" k="outline_style" />
          <prop v="0.5" k="outline_width" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="no" k="style" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
    </symbols>
    <rotation />
    <sizescale />
  </renderer-v2>
  <blendMode>0</blendMode>
  <featureBlendMode>0</featureBlendMode>
  <layerGeometryType>2</layerGeometryType>
  <fieldConfiguration>
    <field name="Name" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
  </fieldConfiguration>
  <aliases>
    <alias field="Name" index="0" name="Name of the area (Name)" />
  </aliases>
  <featformsuppress>0</featformsuppress>
  <editorlayout>tablayout</editorlayout>
  <attributeEditorForm>
    <attributeEditorContainer name="Identity" groupBox="0" columnCount="1" showLabel="1" visibilityExpressionEnabled="0" visibilityExpression="">
      <attributeEditorField name="Name" index="0" showLabel="1" />
    </attributeEditorContainer>
  </attributeEditorForm>
  <editable>
    <field name="Name" editable="1" />
  </editable>
  <previewExpression>"Name"</previewExpression>
</qgis>
