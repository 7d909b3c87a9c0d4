<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis styleCategories="Symbology|Labeling|Fields|Forms" version="3.22.16-Białowieża">
  <renderer-v2 referencescale="-1" attr="VelClass" forceraster="0" type="categorizedSymbol" symbollevels="0" enableorderby="0">
    <categories>
      <category render="true" symbol="0" label="undefined" value="undefined" />
      <category render="true" symbol="1" label="&lt; 1 cm/yr" value="&lt; 1 cm/yr" />
      <category render="true" symbol="2" label="1-3 cm/yr" value="1-3 cm/yr" />
      <category render="true" symbol="3" label="3-10 cm/yr" value="3-10 cm/yr" />
      <category render="true" symbol="4" label="10-30 cm/yr" value="10-30 cm/yr" />
      <category render="true" symbol="5" label="30-100 cm/yr" value="30-100 cm/yr" />
      <category render="true" symbol="6" label="&gt; 100 cm/yr" value="&gt; 100 cm/yr" />
      <category render="true" symbol="7" label="Velocity not stated" value="" />
    </categories>
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
            <Option type="QString" value="189,189,189,150" name="color" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="126,126,126,255" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="0.26" name="outline_width" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="solid" name="style" />
          </Option>
          <prop v="3x:0,0,0,0,0,0" k="border_width_map_unit_scale" />
          <prop v="189,189,189,150" k="color" />
          <prop v="bevel" k="joinstyle" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="126,126,126,255" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="0.26" k="outline_width" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="solid" k="style" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
      <symbol clip_to_extent="1" force_rhr="0" type="fill" alpha="1" name="1">
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
            <Option type="QString" value="253,224,221,150" name="color" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="169,149,147,255" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="0.26" name="outline_width" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="solid" name="style" />
          </Option>
          <prop v="3x:0,0,0,0,0,0" k="border_width_map_unit_scale" />
          <prop v="253,224,221,150" k="color" />
          <prop v="bevel" k="joinstyle" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="169,149,147,255" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="0.26" k="outline_width" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="solid" k="style" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
      <symbol clip_to_extent="1" force_rhr="0" type="fill" alpha="1" name="2">
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
            <Option type="QString" value="252,197,192,150" name="color" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="168,131,128,255" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="0.26" name="outline_width" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="solid" name="style" />
          </Option>
          <prop v="3x:0,0,0,0,0,0" k="border_width_map_unit_scale" />
          <prop v="252,197,192,150" k="color" />
          <prop v="bevel" k="joinstyle" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="168,131,128,255" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="0.26" k="outline_width" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="solid" k="style" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
      <symbol clip_to_extent="1" force_rhr="0" type="fill" alpha="1" name="3">
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
            <Option type="QString" value="250,159,181,150" name="color" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="167,106,121,255" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="0.26" name="outline_width" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="solid" name="style" />
          </Option>
          <prop v="3x:0,0,0,0,0,0" k="border_width_map_unit_scale" />
          <prop v="250,159,181,150" k="color" />
          <prop v="bevel" k="joinstyle" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="167,106,121,255" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="0.26" k="outline_width" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="solid" k="style" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
      <symbol clip_to_extent="1" force_rhr="0" type="fill" alpha="1" name="4">
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
            <Option type="QString" value="247,104,161,150" name="color" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="165,69,107,255" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="0.26" name="outline_width" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="solid" name="style" />
          </Option>
          <prop v="3x:0,0,0,0,0,0" k="border_width_map_unit_scale" />
          <prop v="247,104,161,150" k="color" />
          <prop v="bevel" k="joinstyle" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="165,69,107,255" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="0.26" k="outline_width" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="solid" k="style" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
      <symbol clip_to_extent="1" force_rhr="0" type="fill" alpha="1" name="5">
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
            <Option type="QString" value="197,27,138,150" name="color" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="131,18,92,255" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="0.26" name="outline_width" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="solid" name="style" />
          </Option>
          <prop v="3x:0,0,0,0,0,0" k="border_width_map_unit_scale" />
          <prop v="197,27,138,150" k="color" />
          <prop v="bevel" k="joinstyle" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="131,18,92,255" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="0.26" k="outline_width" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="solid" k="style" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
      <symbol clip_to_extent="1" force_rhr="0" type="fill" alpha="1" name="6">
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
            <Option type="QString" value="122,1,119,150" name="color" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="81,1,79,255" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="0.26" name="outline_width" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="solid" name="style" />
          </Option>
          <prop v="3x:0,0,0,0,0,0" k="border_width_map_unit_scale" />
          <prop v="122,1,119,150" k="color" />
          <prop v="bevel" k="joinstyle" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="81,1,79,255" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="0.26" k="outline_width" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="solid" k="style" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
      <symbol clip_to_extent="1" force_rhr="0" type="fill" alpha="1" name="7">
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
            <Option type="QString" value="255,255,255,150" name="color" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="170,170,170,255" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="0.26" name="outline_width" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="solid" name="style" />
          </Option>
          <prop v="3x:0,0,0,0,0,0" k="border_width_map_unit_scale" />
          <prop v="255,255,255,150" k="color" />
          <prop v="bevel" k="joinstyle" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="170,170,170,255" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="0.26" k="outline_width" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="solid" k="style" />
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
    <field name="PrimaryID" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="VelClass" configurationFlags="None">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option type="List" name="map">
              <Option type="Map">
                <Option name="(not stated)" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="undefined" value="undefined" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="&lt; 1 cm/yr" value="&lt; 1 cm/yr" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="1-3 cm/yr" value="1-3 cm/yr" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="3-10 cm/yr" value="3-10 cm/yr" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="10-30 cm/yr" value="10-30 cm/yr" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="30-100 cm/yr" value="30-100 cm/yr" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="&gt; 100 cm/yr" value="&gt; 100 cm/yr" type="QString" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="RelMA" configurationFlags="None">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option type="List" name="map">
              <Option type="Map">
                <Option name="(not judged)" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="low" value="low" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="medium" value="medium" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="high" value="high" type="QString" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="ObsPeriod" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="DataSource" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="Comment" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map">
            <Option name="IsMultiline" value="true" type="bool" />
          </Option>
        </config>
      </editWidget>
    </field>
  </fieldConfiguration>
  <aliases>
    <alias field="PrimaryID" index="0" name="Identifier of the unit (PrimaryID)" />
    <alias field="VelClass" index="1" name="Class of velocity (VelClass)" />
    <alias field="RelMA" index="2" name="Its reliability (RelMA)" />
    <alias field="ObsPeriod" index="3" name="Period of observation (ObsPeriod)" />
    <alias field="DataSource" index="4" name="Source of the data (DataSource)" />
    <alias field="Comment" index="5" name="Comment (Comment)" />
  </aliases>
  <featformsuppress>0</featformsuppress>
  <editorlayout>tablayout</editorlayout>
  <attributeEditorForm>
    <attributeEditorContainer name="Identity" groupBox="0" columnCount="1" showLabel="1" visibilityExpressionEnabled="0" visibilityExpression="">
      <attributeEditorField name="PrimaryID" index="0" showLabel="1" />
      <attributeEditorField name="VelClass" index="1" showLabel="1" />
      <attributeEditorField name="RelMA" index="2" showLabel="1" />
      <attributeEditorField name="ObsPeriod" index="3" showLabel="1" />
      <attributeEditorField name="DataSource" index="4" showLabel="1" />
      <attributeEditorField name="Comment" index="5" showLabel="1" />
    </attributeEditorContainer>
  </attributeEditorForm>
  <editable>
    <field name="PrimaryID" editable="0" />
    <field name="VelClass" editable="1" />
    <field name="RelMA" editable="1" />
    <field name="ObsPeriod" editable="1" />
    <field name="DataSource" editable="1" />
    <field name="Comment" editable="1" />
  </editable>
  <previewExpression>"PrimaryID"</previewExpression>
</qgis>
